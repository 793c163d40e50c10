import { createHash } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { mkdir, mkdtemp, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { conflict, forbidden, invalid, messageOf, skepVersion } from '#lib/common';
import { BACKUP_FILES, MANIFEST, type BackupManifest } from '#lib/contracts';
import { must } from '#lib/lab';
import { takeLock } from '../daemon/lock.js';

/** What may be in a backup; anything else in it is not ours. */
const KNOWN = new Set<string>(['node.db', 'swarm/cluster.db', ...BACKUP_FILES]);
/** The state of a node, as it lies in its data root. */
const STATE = /^(node\.db.*|secret\.key|swarm)$/;

/**
 * Puts the state of a backup into a data root, all of it or nothing. Errors: `conflict` where a daemon runs or state is
 * there, `invalid` for a file that is no backup, is damaged, or was made by another version.
 */
export async function restore(
  file: string,
  dataRoot: string,
  force: boolean,
): Promise<{ manifest: BackupManifest; aside?: string }> {
  if (process.geteuid?.() !== 0) throw forbidden('the data root is for root alone: run it as root (sudo skep restore)');
  mkdirSync(dataRoot, { recursive: true, mode: 0o711 });
  const lock = await takeLock(dataRoot, 'data root');
  try {
    const folder = await mkdtemp(join(dataRoot, '.restore-'));
    try {
      const manifest = await unpacked(file, folder);
      const aside = await makeRoom(dataRoot, force);
      for (const name of Object.keys(manifest.files).sort()) await putInPlace(join(folder, name), join(dataRoot, name));
      return { manifest, ...(aside !== undefined && { aside }) };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  } finally {
    lock.release();
  }
}

async function unpacked(file: string, folder: string): Promise<BackupManifest> {
  const noBackup = (why: string, cause?: unknown) => invalid(`${file}: this is no backup of skep's: ${why}`, cause);
  if (!existsSync(file)) throw invalid(`${file}: there is no such file`);
  const options = ['--no-same-owner', '--no-same-permissions', '--extract', `--file=${file}`, `--directory=${folder}`];
  await must('tar', [...options, '--occurrence=1', '--', MANIFEST]).catch((error: unknown) => {
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
  await must('tar', [...options, '--', ...names]).catch((error: unknown) => {
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

/** Where the state that was there is now; undefined: there was none. */
async function makeRoom(dataRoot: string, force: boolean): Promise<string | undefined> {
  const present = (await readdir(dataRoot)).filter((name) => STATE.test(name));
  if (present.length === 0) return undefined;
  if (!force) {
    throw conflict(
      `${dataRoot} has the state of a node already (${present.join(', ')}); nothing was changed. ` +
        'Say --force to set it aside, or choose another --data-root',
    );
  }
  const aside = join(dataRoot, `before-restore-${new Date().toISOString().replaceAll(':', '-')}`);
  await mkdir(aside, { mode: 0o700 });
  for (const name of present) await rename(join(dataRoot, name), join(aside, name));
  return aside;
}

/** On the disk before the next one: a power loss leaves no database without its keys that could be taken for whole. */
async function putInPlace(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true, mode: 0o700 });
  const handle = await open(from, 'r+');
  await handle.chmod(0o600);
  await handle.sync().finally(() => handle.close());
  await rename(from, to);
}
