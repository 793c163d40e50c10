import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { nobodyListens } from './run.js';

it('a daemon is not started beside another process on its socket, and is once that has ended', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'skep-run-'));
  const path = join(folder, 'docker.sock');
  const host = `unix://${path}`;
  try {
    await nobodyListens([host, 'tcp://127.0.0.1:1']);
    const other = createServer().listen(path);
    await once(other, 'listening');
    await expect(nobodyListens([host])).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining(`hosts: ${host}: in use by another process`),
    });
    await once(other.close(), 'close');
    await nobodyListens([host]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
