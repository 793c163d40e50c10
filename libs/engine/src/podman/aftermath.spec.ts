import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { afterEach, expect, it } from 'vitest';
import { monitorsOf, untilGone } from './aftermath.js';

const ended: (() => void)[] = [];
afterEach(() => ended.splice(0).forEach((end) => end()));

const newId = () => randomBytes(32).toString('hex');
/** A process with these arguments, until it is ended. */
async function process(...args: string[]): Promise<{ pid: number; end: () => void }> {
  const child = spawn('sh', ['-c', 'read line; exit 0', ...args]);
  await once(child, 'spawn');
  const end = () => void child.stdin.end();
  ended.push(end);
  return { pid: child.pid!, end };
}

it('finds who tidies up after a container, and nobody of another one or of a command', async () => {
  const id = newId();
  const monitor = await process('conmon', '-c', id, '--exit-command-arg', id);
  const cleanup = await process('podman', 'container', 'cleanup', id);
  await process('conmon', '-c', id, '-e', '--exec-attach');
  await process('podman', 'container', 'cleanup', '--exec', newId(), id);
  await process('podman', 'container', 'cleanup', newId());
  expect((await monitorsOf(id)).sort()).toEqual([monitor.pid, cleanup.pid].sort());
});

it('waits until they are gone', async () => {
  const { pid, end } = await process('podman', 'container', 'cleanup', newId());
  let over = false;
  const waiting = untilGone([pid]).then(() => (over = true));
  await untilGone([]);
  expect(over).toBe(false);
  end();
  await waiting;
});
