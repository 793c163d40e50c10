import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checked, MNT_DETACH, sys } from './libc.js';
import { ensureMemoryFolder, removeMemoryFolder } from './memory-folder.js';

const TMPFS_MAGIC = 0x01021994;

describe('a folder in memory', () => {
  let root: string;
  const path = () => join(root, 'secrets');
  const mounts = () =>
    readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .filter((line) => line.split(' ')[4] === path());

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'skep-memory-'));
    // What tests lie on may be a tmpfs itself.
    checked(sys.mount('skep', root, 'ramfs', 0, null), 'mount a ramfs');
  });
  afterEach(() => {
    while (mounts().length > 0) checked(sys.umount2(path(), MNT_DETACH), 'unmount');
    checked(sys.umount2(root, MNT_DETACH), 'unmount');
    rmSync(root, { recursive: true });
  });

  it('is a tmpfs of its own for root alone, mounted once and of the size that was asked for', () => {
    ensureMemoryFolder(path(), 3);
    writeFileSync(join(path(), 'a'), 'kept');
    ensureMemoryFolder(path(), 3);
    expect(mounts()).toHaveLength(1);
    expect(mounts()[0]).toMatch(/nosuid,nodev.* - tmpfs skep \S*size=3072k,mode=700/);
    expect(readFileSync(join(path(), 'a'), 'utf8')).toBe('kept');
    expect(() => writeFileSync(join(path(), 'b'), Buffer.alloc(4 << 20))).toThrow('ENOSPC');
  });

  it('goes once it is empty, and not before', () => {
    ensureMemoryFolder(path(), 1);
    writeFileSync(join(path(), 'a'), '');
    removeMemoryFolder(path());
    expect(mounts()).toHaveLength(1);
    rmSync(join(path(), 'a'));
    removeMemoryFolder(path());
    expect(mounts()).toEqual([]);
    expect(existsSync(path())).toBe(false);
    removeMemoryFolder(path());
  });

  it('is not mounted where the folder lies in memory already', () => {
    ensureMemoryFolder(path(), 1);
    const inner = join(path(), 'inner');
    ensureMemoryFolder(inner, 1);
    expect(statfsSync(inner).type).toBe(TMPFS_MAGIC);
    expect(statSync(inner).dev).toBe(statSync(path()).dev);
    expect(statSync(inner).mode & 0o777).toBe(0o700);
    removeMemoryFolder(inner);
    expect(existsSync(inner)).toBe(false);
    expect(mounts()).toHaveLength(1);
    removeMemoryFolder(path());
  });

  it('is one of its own in memory, too, where it is to be apart, mounted once; and never over what is there', () => {
    ensureMemoryFolder(path(), 8);
    const inner = join(path(), 'inner');
    ensureMemoryFolder(inner, 1, true);
    writeFileSync(join(inner, 'a'), 'kept');
    ensureMemoryFolder(inner, 1, true);
    expect(statSync(inner).dev).not.toBe(statSync(path()).dev);
    expect(readFileSync(join(inner, 'a'), 'utf8')).toBe('kept');
    expect(() => writeFileSync(join(inner, 'b'), Buffer.alloc(2 << 20))).toThrow('ENOSPC');
    writeFileSync(join(path(), 'c'), Buffer.alloc(2 << 20));
    for (const name of ['a', 'b']) rmSync(join(inner, name));
    removeMemoryFolder(inner);
    expect(existsSync(inner)).toBe(false);
    const older = join(path(), 'older');
    mkdirSync(join(older, 'id'), { recursive: true });
    ensureMemoryFolder(older, 1, true);
    expect(statSync(older).dev).toBe(statSync(path()).dev);
    expect(existsSync(join(older, 'id'))).toBe(true);
  });
});
