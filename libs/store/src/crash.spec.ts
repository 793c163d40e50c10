import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openNodeStore } from './node/node-store.js';

const root = join(import.meta.dirname, '../../..');

type Child = ChildProcessByStdio<null, Readable, null>;

function commitStream(path: string): Child {
  const program = join(root, 'test/support/commit-stream.ts');
  const hooks = join(root, 'tools/run-typescript.mjs');
  return spawn(process.execPath, ['--conditions=source', '--import', hooks, program, path], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** Kills the child once it has acknowledged `count` commits; gives every line that it got out. */
async function killAfter(child: Child, count: number): Promise<string[]> {
  const lines: string[] = [];
  const gone = once(child, 'close');
  for await (const line of createInterface(child.stdout)) {
    lines.push(line);
    if (lines.length === count + 1) child.kill('SIGKILL');
  }
  await gone;
  return lines.slice(1);
}

describe('a daemon that is killed', () => {
  let folder: string;
  let path: string;
  let child: Child;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skep-store-crash-'));
    path = join(folder, 'node.db');
    child = commitStream(path);
  });
  afterEach(async () => {
    child.kill('SIGKILL');
    await rm(folder, { recursive: true });
  });

  it('has lost nothing that it acknowledged, and frees the database', { timeout: 60_000 }, async () => {
    const acknowledged = await killAfter(child, 200);
    const store = await openNodeStore(path);
    const names = new Set(store.list('volume').map((volume) => volume.name));
    expect(acknowledged.filter((name) => !names.has(name))).toEqual([]);
    expect(store.revision).toBe(names.size);
    await store.close();
    expect(await readdir(folder)).toEqual(['node.db']);
  });

  it('keeps every other daemon out while it lives', { timeout: 60_000 }, async () => {
    await once(createInterface(child.stdout), 'line');
    await expect(openNodeStore(path)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('another process has this database open'),
    });
  });
});
