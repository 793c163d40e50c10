import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { removeNamed, replaceFile, replaceFileSync } from './files.js';

describe.each([
  ['replaceFile', replaceFile],
  ['replaceFileSync', async (...given: Parameters<typeof replaceFileSync>) => replaceFileSync(...given)],
])('%s', (_name, replace) => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'skep-files-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it.each([true, false])(
    'gives a file its content and mode, and leaves nothing beside it (durable: %s)',
    async (durable) => {
      const path = join(folder, 'key');
      await replace(path, 'one', { mode: 0o600, durable });
      await replace(path, Buffer.from('two'), { mode: 0o600, durable });
      expect(readFileSync(path, 'utf8')).toBe('two');
      expect(statSync(path).mode & 0o777).toBe(0o600);
      expect(readdirSync(folder)).toEqual(['key']);
    },
  );

  it('leaves what is there as it is when it cannot be replaced', async () => {
    const path = join(folder, 'taken');
    mkdirSync(path);
    writeFileSync(join(path, 'inside'), '');
    await expect(replace(path, 'one', { mode: 0o600, durable: true })).rejects.toThrow(/EISDIR|ENOTEMPTY|EEXIST/);
    expect(readdirSync(folder)).toEqual(['taken']);
  });

  it('writes nothing of it under the name on a full disk', async () => {
    const path = join(folder, 'key');
    // What is written to it finds no space, as on a full disk.
    symlinkSync('/dev/full', `${path}.new`);
    await expect(replace(path, 'one', { mode: 0o600, durable: true })).rejects.toThrow('ENOSPC');
    expect(readdirSync(folder)).toEqual([]);
  });
});

it('removeNamed removes what is named so, folders too, and nothing where there is no folder', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'skep-files-'));
  mkdirSync(join(folder, '.half-1', 'inside'), { recursive: true });
  for (const name of ['.half-2', '.other', 'half-3']) writeFileSync(join(folder, name), '');
  await removeNamed(folder, '.half-');
  expect(readdirSync(folder).toSorted()).toEqual(['.other', 'half-3']);
  await removeNamed(join(folder, 'none'), '.half-');
  rmSync(folder, { recursive: true });
});
