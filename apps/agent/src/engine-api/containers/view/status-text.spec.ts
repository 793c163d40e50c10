import { describe, expect, it } from 'vitest';
import type { RunState } from '../../../containers/run-state.js';
import { lengthText, statusText } from './status-text.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('lengths of time', () => {
  it.each([
    [0, 'Less than a second'],
    [999, 'Less than a second'],
    [SECOND, '1 second'],
    [59 * SECOND, '59 seconds'],
    [MINUTE, 'About a minute'],
    [2 * MINUTE - 1, 'About a minute'],
    [59 * MINUTE, '59 minutes'],
    [HOUR, 'About an hour'],
    [89 * MINUTE, 'About an hour'],
    [90 * MINUTE, '2 hours'],
    [47 * HOUR, '47 hours'],
    [48 * HOUR, '2 days'],
    [13 * DAY, '13 days'],
    [14 * DAY, '2 weeks'],
    [59 * DAY, '8 weeks'],
    [60 * DAY, '2 months'],
    [729 * DAY, '24 months'],
    [730 * DAY, '2 years'],
  ])('%d ms: %s', (ms, words) => expect(lengthText(ms)).toBe(words));
});

describe('the STATUS column', () => {
  const now = Date.parse('2026-01-01T00:10:00Z');
  const state = (change: Partial<RunState>): RunState => ({
    phase: 'running',
    pid: 1,
    exitCode: 0,
    startedAt: '2026-01-01T00:05:00Z',
    finishedAt: '2026-01-01T00:09:55Z',
    error: '',
    health: 'none',
    ...change,
  });

  it.each<[Partial<RunState>, string]>([
    [{}, 'Up 5 minutes'],
    [{ health: 'healthy' }, 'Up 5 minutes (healthy)'],
    [{ health: 'unhealthy' }, 'Up 5 minutes (unhealthy)'],
    [{ health: 'starting' }, 'Up 5 minutes (health: starting)'],
    [{ phase: 'paused', health: 'healthy' }, 'Up 5 minutes (Paused)'],
    [{ phase: 'restarting', exitCode: 1 }, 'Restarting (1) 5 seconds ago'],
    [{ phase: 'exited', exitCode: 137 }, 'Exited (137) 5 seconds ago'],
    [{ phase: 'created' }, 'Created'],
  ])('%j: %s', (change, words) => expect(statusText(state(change), now)).toBe(words));
});
