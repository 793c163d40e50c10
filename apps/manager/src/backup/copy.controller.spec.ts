import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ClusterStore } from '#lib/store';
import { CopyController } from './copy.controller.js';

describe('a copy of the state', () => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'skep-copy-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const copies = (copyTo: (path: string) => Promise<void>) =>
    new CopyController({ copyTo } as unknown as ClusterStore, folder);

  it('that could not be made leaves nothing, as on a disk that is full', async () => {
    const controller = copies(async (path) => {
      writeFileSync(path, 'half of it');
      throw new Error('the disk is full');
    });
    await expect(controller.copy()).rejects.toThrow('the disk is full');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('that nobody fetched is gone when the manager starts, and nothing else is', async () => {
    const controller = copies(async (path) => writeFileSync(path, 'all of it'));
    const { path } = await controller.copy();
    expect(existsSync(path)).toBe(true);
    writeFileSync(join(folder, 'cluster.db'), '');
    await controller.onModuleInit();
    expect(readdirSync(folder)).toEqual(['cluster.db']);
  });
});
