import { expect, it } from 'vitest';
import { freshStatus, type Container, type ContainerStatus } from './container.js';
import { afterExit } from './restart.js';

const container = { id: 'c', restart: { name: 'always', maxRetries: 0 } } as Container;
const NOW = Date.parse('2026-01-01T12:00:00Z');

/** After a run of so many seconds. */
function ended(status: ContainerStatus, seconds: number): ContainerStatus {
  const at = (ms: number) => new Date(ms).toISOString();
  const run = { exitCode: 1, startedAt: at(NOW - seconds * 1_000), finishedAt: at(NOW) };
  return afterExit(container, status, run, NOW);
}
const wait = ({ restartAt }: ContainerStatus) => restartAt! - NOW;

it('waits twice as long after each short run, to a minute', () => {
  let status = freshStatus(container);
  const waits = Array.from({ length: 12 }, () => wait((status = ended(status, 1))));
  expect(waits.slice(0, 4)).toEqual([100, 200, 400, 800]);
  expect(waits.slice(-2)).toEqual([60_000, 60_000]);
  expect(status.restartCount).toBe(12);
});

it('begins anew after a run that lasted, however many there were', () => {
  const often = { ...freshStatus(container), restartCount: 12, restartWaitMs: 60_000 };
  const settled = ended(often, 60);
  expect(wait(settled)).toBe(100);
  expect(wait(ended(settled, 1))).toBe(200);
});
