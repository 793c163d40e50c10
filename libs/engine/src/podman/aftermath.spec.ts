import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { untilNoProcessOf } from './aftermath.js';

it('waits until no process names the container any more', async () => {
  const id = randomBytes(32).toString('hex');
  const cleanup = spawn('sh', ['-c', 'read line; exit 0', 'podman', 'container', 'cleanup', id]);
  await once(cleanup, 'spawn');
  let over = false;
  const waiting = untilNoProcessOf(id).then(() => (over = true));
  await untilNoProcessOf(randomBytes(32).toString('hex'));
  expect(over).toBe(false);
  cleanup.stdin.end('\n');
  await once(cleanup, 'exit');
  await waiting;
});
