import { expect, it } from 'vitest';
import { freshStatus, type Container, type ObservedContainer } from '#lib/domain';
import { runStateOf } from './run-state.js';

const container = { id: 'c', target: 'stopped', healthcheck: { test: ['CMD', 'true'] } } as Container;
const healthOf = (state: ObservedContainer['state'], of: Container = container) =>
  runStateOf({
    container: of,
    status: { ...freshStatus(of), health: of.healthcheck ? 'healthy' : 'none' },
    seen: { state, startedAt: '2026-01-01T00:00:00Z', finishedAt: '', pid: 7, exitCode: 0 } as ObservedContainer,
  }).health;

it('tells of the health of what runs, and that what has ended is not healthy', () => {
  expect([healthOf('running'), healthOf('paused'), healthOf('exited')]).toEqual(['healthy', 'healthy', 'unhealthy']);
  expect(healthOf('exited', { ...container, healthcheck: undefined } as unknown as Container)).toBe('none');
});
