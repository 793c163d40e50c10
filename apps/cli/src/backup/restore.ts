import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { mkdir, mkdtemp, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { conflict, invalid, messageOf, skepVersion, syncFolder } from '#lib/common';
import { BACKUP_FILES, MANIFEST, SET_ASIDE, type BackupManifest } from '#lib/contracts';
import { takeLock } from '../daemon/lock.js';
import { begin, finish, isUnfinished } from '../daemon/unfinished-restore.js';

/** What may be in a backup; anything else in it is not ours. */
const KNOWN = new Set<string>(['node.db', 'swarm/cluster.db', ...BACKUP_FILES]);
/** Beside the state, so that a file is moved and not copied. */
const DRAFT = '.restore-';
/** Whatever is no success is an error with what tar says. */
const tar = (...args: string[]) => promisify(execFile)('tar', args);
/** The state of a node, as it lies in its data root. */
const STATE = /^(node\.db.*|secret\.key|swarm)$/;

/**
 * Puts the state of a backup into a data root. When that is interrupted, a marker stays, with which no daemon starts and
 * a restore may be repeated. Errors: `conflict` where a daemon runs or state is there, `invalid` for a file that is no
 * backup, is damaged, or was made by another version; with these nothing is changed.
 *
 * @param place moves one file to where it belongs
 */
export async function restore(
  file: string,
  dataRoot: string,
  force: boolean,
  place = putInPlace,
): Promise<{ manifest: BackupManifest; aside?: string }> {
  mkdirSync(dataRoot, { recursive: true, mode: 0o711 });
  const lock = await takeLock(dataRoot, 'data root');
  try {
    // What one that was interrupted has unpacked has keys in it.
    for (const name of await readdir(dataRoot)) if (name.startsWith(DRAFT)) await removed(join(dataRoot, name));
    const folder = await mkdtemp(join(dataRoot, DRAFT));
    try {
      const manifest = await unpacked(file, folder);
      const present = await stateThere(dataRoot, force || isUnfinished(dataRoot));
      const names = Object.keys(manifest.files).sort();
      await begin(dataRoot);
      const aside = await setAside(dataRoot, present);
      for (const name of names) await place(join(folder, name), join(dataRoot, name));
      for (const parent of new Set(names.map((name) => dirname(join(dataRoot, name))))) await syncFolder(parent);
      await finish(dataRoot);
      return { manifest, ...(aside !== undefined && { aside }) };
    } finally {
      await removed(folder);
    }
  } finally {
    lock.release();
  }
}

async function unpacked(file: string, folder: string): Promise<BackupManifest> {
  const noBackup = (why: string, cause?: unknown) => invalid(`${file}: this is no backup of skep's: ${why}`, cause);
  if (!existsSync(file)) throw invalid(`${file}: there is no such file`);
  const options = ['--no-same-owner', '--no-same-permissions', '--extract', `--file=${file}`, `--directory=${folder}`];
  await tar(...options, '--occurrence=1', '--', MANIFEST).catch((error: unknown) => {
    throw noBackup(`it has no ${MANIFEST}`, error);
  });
  const manifest = await readFile(join(folder, MANIFEST), 'utf8')
    .then((text) => JSON.parse(text) as BackupManifest)
    .catch((error: unknown) => {
      throw noBackup(messageOf(error), error);
    });
  if (manifest.format !== 1 || typeof manifest.files !== 'object') throw noBackup(`${MANIFEST} has another form`);
  if (manifest.version !== skepVersion()) {
    throw invalid(
      `${file}: made by skep ${manifest.version}, and this is skep ${skepVersion()}: restore it with ${manifest.version}, ` +
        'start the daemon once, and update then',
    );
  }
  const names = Object.keys(manifest.files);
  const strange = names.find((name) => !KNOWN.has(name));
  if (strange !== undefined || !names.includes('node.db')) throw noBackup(`it has ${strange ?? 'no node.db'}`);
  await tar(...options, '--', ...names).catch((error: unknown) => {
    throw invalid(`${file}: it is cut off or damaged: ${messageOf(error)}`, error);
  });
  for (const [name, digest] of Object.entries(manifest.files)) {
    const found = createHash('sha256')
      .update(await readFile(join(folder, name)))
      .digest('hex');
    if (found !== digest) throw invalid(`${file}: ${name} is damaged: its digest is ${found}, it should be ${digest}`);
  }
  return manifest;
}

const removed = (path: string) => rm(path, { recursive: true, force: true });

/** What is there of a node's state. */
async function stateThere(dataRoot: string, mayBe: boolean): Promise<string[]> {
  const present = (await readdir(dataRoot)).filter((name) => STATE.test(name));
  if (present.length > 0 && !mayBe) {
    throw conflict(
      `${dataRoot} has the state of a node already (${present.join(', ')}); nothing was changed. ` +
        'Say --force to set it aside, or choose another --data-root',
    );
  }
  return present;
}

/** Where it is now; undefined: there was none. */
async function setAside(dataRoot: string, present: readonly string[]): Promise<string | undefined> {
  if (present.length === 0) return undefined;
  const aside = join(dataRoot, `${SET_ASIDE}${new Date().toISOString().replaceAll(':', '-')}`);
  await mkdir(aside, { mode: 0o700 });
  for (const name of present) await rename(join(dataRoot, name), join(aside, name));
  await syncFolder(aside);
  await syncFolder(dataRoot);
  return aside;
}

/** On the disk under its name once its folder is, too. */
export async function putInPlace(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true, mode: 0o700 });
  const handle = await open(from, 'r+');
  await handle.chmod(0o600);
  await handle.sync().finally(() => handle.close());
  await rename(from, to);
}
