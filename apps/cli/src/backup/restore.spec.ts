import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { skepVersion } from '#lib/common';
import { MANIFEST, RESTORE_MARKER, RESTORED, SET_ASIDE } from '#lib/contracts';
import { must } from '#lib/lab';
import { refuseUnfinished } from '../daemon/unfinished-restore.js';
import { putInPlace, restore } from './restore.js';

const STATE = { 'node.db': 'database', 'secret.key': 'key', 'swarm/membership.json': '{}' };

let folder: string;
let dataRoot: string;
let backup: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'skep-restore-'));
  dataRoot = join(folder, 'data');
  backup = join(folder, 'backup.tar');
  const files = Object.fromEntries(Object.entries(STATE).map(([name, text]) => [name, digestOf(text)]));
  const manifest = { format: 1, version: skepVersion(), createdAt: '', nodeId: 'ab'.repeat(32), files };
  const all = { [MANIFEST]: JSON.stringify(manifest), ...STATE };
  for (const [name, text] of Object.entries(all)) put(join(folder, 'from', name), text);
  await must('tar', ['--create', `--file=${backup}`, `--directory=${join(folder, 'from')}`, ...Object.keys(all)]);
});
afterEach(() => rmSync(folder, { recursive: true }));

const digestOf = (text: string) => createHash('sha256').update(text).digest('hex');
function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
const found = () =>
  Object.fromEntries(Object.keys(STATE).map((name) => [name, readFileSync(join(dataRoot, name), 'utf8')]));
const visible = () => readdirSync(dataRoot).filter((name) => !name.startsWith(SET_ASIDE));

/** As a power loss would: node.db is there, and its key is not. */
async function interrupted(force: boolean): Promise<void> {
  const place = (from: string, to: string) =>
    to.endsWith('secret.key') ? Promise.reject(new Error('the power is off')) : putInPlace(from, to);
  await expect(restore(backup, dataRoot, force, place)).rejects.toThrow('the power is off');
}

it('puts all of it in place', async () => {
  put(join(dataRoot, '.restore-before/secret.key'), 'of one that was interrupted');
  await restore(backup, dataRoot, false);
  expect(found()).toEqual(STATE);
  expect(visible().toSorted()).toEqual(['daemon.lock', 'node.db', RESTORED, 'secret.key', 'swarm']);
  refuseUnfinished(dataRoot);
});

it('what was interrupted is no node, and is restored again without more ado', async () => {
  await interrupted(false);
  expect(visible().toSorted()).toEqual(['daemon.lock', 'node.db', RESTORE_MARKER]);
  expect(() => refuseUnfinished(dataRoot)).toThrow(
    /a restore was interrupted here .*"skep restore FILE --data-root .*again/,
  );
  await restore(backup, dataRoot, false);
  expect(found()).toEqual(STATE);
  refuseUnfinished(dataRoot);
});

it('keeps the state that was set aside through all attempts', async () => {
  put(join(dataRoot, 'node.db'), 'old');
  await interrupted(true);
  await restore(backup, dataRoot, false);
  expect(found()).toEqual(STATE);
  const aside = readdirSync(dataRoot).filter((name) => name.startsWith(SET_ASIDE));
  expect(aside.map((name) => readFileSync(join(dataRoot, name, 'node.db'), 'utf8')).toSorted()).toEqual([
    'database',
    'old',
  ]);
});

it('leaves no marker where state is in the way, or the file is no backup', async () => {
  put(join(dataRoot, 'node.db'), 'old');
  await expect(restore(backup, dataRoot, false)).rejects.toThrow(/--force/);
  await expect(restore(join(folder, 'from', 'node.db'), dataRoot, true)).rejects.toThrow(/no backup/);
  expect(existsSync(join(dataRoot, RESTORE_MARKER))).toBe(false);
  expect(readFileSync(join(dataRoot, 'node.db'), 'utf8')).toBe('old');
});
