import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { takeLock } from './lock.js';

let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'skep-lock-'))));
afterEach(() => rmSync(directory, { recursive: true }));

it('is refused while a living daemon holds it, with its pid, and free again afterwards', async () => {
  const first = await takeLock(directory, 'data root');
  expect(readFileSync(join(directory, 'daemon.lock'), 'utf8')).toBe(`${process.pid}\n`);
  await expect(takeLock(directory, 'data root')).rejects.toMatchObject({
    code: 'conflict',
    message: `the data root ${directory} is in use by another skep daemon (pid ${process.pid})`,
  });
  first.release();
  (await takeLock(directory, 'data root')).release();
});

it('waits for the processes of a daemon that was killed', async () => {
  const first = await takeLock(directory, 'exec root');
  const heir = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
    stdio: ['ignore', 'ignore', 'ignore', first.fd],
  });
  await once(heir, 'spawn');
  first.release();
  // Pids end below 2^22, so nobody has this one.
  writeFileSync(join(directory, 'daemon.lock'), `${2 ** 22 + 1}\n`);

  let taken = false;
  const second = takeLock(directory, 'exec root').then((lock) => {
    taken = true;
    return lock;
  });
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(taken).toBe(false);
  heir.kill('SIGKILL');
  await once(heir, 'exit');
  (await second).release();
});
