import { describe, expect, it } from 'vitest';
import type { RunState } from './run-state.js';
import { statusText } from './status-text.js';

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
    // Its container went from the engine behind our back.
    [{ phase: 'restarting', exitCode: 1, finishedAt: '' }, 'Restarting (1) Less than a second ago'],
    [{ phase: 'exited', exitCode: 137 }, 'Exited (137) 5 seconds ago'],
    [{ phase: 'created' }, 'Created'],
  ])('%j: %s', (change, words) => expect(statusText(state(change), now)).toBe(words));
});
