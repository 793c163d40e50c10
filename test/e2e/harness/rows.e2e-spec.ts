import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { rowsOf } from './rows.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skep-rows-spec-'));
  await mkdir(join(folder, 'data'));
});
afterAll(() => rm(folder, { recursive: true }));

it('reads the database of an agent that writes meanwhile', async () => {
  const script = join(import.meta.dirname, 'busy-database.mjs');
  const writer = spawn(process.execPath, [script, join(folder, 'data/node.db')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(writer, 'exit');
  try {
    await Promise.race([once(writer.stdout, 'data'), ended]);
    for (let n = 0; n < 100; n++) expect((await rowsOf(folder)).project).toEqual([]);
    expect(writer.exitCode).toBeNull();
  } finally {
    writer.kill('SIGKILL');
    await ended;
  }
});
