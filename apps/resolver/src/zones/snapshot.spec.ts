import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Changes } from '#lib/contracts';
import { Snapshot } from './snapshot.js';

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'skep-snapshot-'));
  path = join(directory, 'deep/state.json');
});
afterEach(() => rmSync(directory, { recursive: true }));

const knowing = (...removedZones: string[]): Changes => ({
  full: true,
  sandboxes: [],
  removedSandboxes: [],
  zones: [],
  removedZones,
});

it('gives back what was saved last, from a file for its owner alone', async () => {
  const snapshot = new Snapshot(path);
  expect(snapshot.load()).toBeUndefined();
  await snapshot.save(() => knowing('a'));
  await snapshot.save(() => knowing('b'));
  expect(new Snapshot(path).load()).toEqual(knowing('b'));
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(join(directory, 'deep'))).toEqual(['state.json']);
});

it('reads what a release wrote that had no servers of the daemon', () => {
  const sandboxes = [{ id: 'a', upstreams: ['10.0.0.53'] }];
  writeFileSync(join(directory, 'old.json'), JSON.stringify({ version: 1, knowledge: { ...knowing(), sandboxes } }));
  const { sandboxes: read } = new Snapshot(join(directory, 'old.json')).load()!;
  expect(read).toEqual([{ id: 'a', upstreams: ['10.0.0.53'], defaultUpstreams: [] }]);
});

it('of many at the same time the file holds the newest when any of them is done', async () => {
  const snapshot = new Snapshot(path);
  let newest = 0;
  await Promise.all(
    Array.from({ length: 20 }, async (_, i) => {
      newest = i;
      await snapshot.save(() => knowing(String(newest)));
      expect(Number(new Snapshot(path).load()!.removedZones[0])).toBeGreaterThanOrEqual(i);
    }),
  );
  expect(new Snapshot(path).load()).toEqual(knowing('19'));
});

it('says what is wrong with a file, and writes again after a failure', async () => {
  const snapshot = new Snapshot(join(directory, 'state.json'));
  writeFileSync(join(directory, 'state.json'), '{"version":');
  expect(() => snapshot.load()).toThrow(/JSON/u);
  writeFileSync(join(directory, 'state.json'), '{"version":99}');
  expect(() => snapshot.load()).toThrow(/version 99/u);
  const blocked = new Snapshot(join(directory, 'state.json/not-a-directory'));
  await expect(blocked.save(() => knowing())).rejects.toThrow();
  rmSync(join(directory, 'state.json'));
  chmodSync(directory, 0o700);
  await blocked.save(() => knowing('again'));
  expect(blocked.load()).toEqual(knowing('again'));
});
