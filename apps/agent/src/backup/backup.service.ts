import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Inject, Injectable } from '@nestjs/common';
import { internal, removeNamed, skepVersion } from '#lib/common';
import { BACKUP_FILES, MANIFEST, swarmFolder, type BackupManifest } from '#lib/contracts';
import type { Store } from '#lib/store';
import { ManagerClient } from '../membership/manager-client.js';
import { SwarmMembership } from '../membership/membership.js';
import { NODE, STORE, type Node } from '../node/tokens.js';

const PREFIX = '.backup-';
/** The manager's copies, which are ours to remove. */
const COPY_PREFIX = '.copy-';

/**
 * The state of this node, and of the cluster that it manages, as one archive: copies of the databases, each of one moment,
 * and the keys without which they cannot be read. Images, volumes and containers' files are the engine's and not in it.
 */
@Injectable()
export class BackupService {
  constructor(
    @Inject(NODE) private readonly node: Node,
    @Inject(STORE) private readonly store: Store,
    private readonly membership: SwarmMembership,
    private readonly manager: ManagerClient,
  ) {}

  /** What backups of an agent that was killed have left: copies of the state, and keys. */
  async clear(): Promise<void> {
    const { dataRoot } = this.node.config;
    await removeNamed(dataRoot, PREFIX);
    await removeNamed(swarmFolder(dataRoot), COPY_PREFIX);
  }

  /** @param ready called when nothing but the sending can fail any more */
  async write(to: Writable, ready: () => void): Promise<void> {
    // Beside the originals and for root alone, as they are.
    const folder = await mkdtemp(join(this.node.config.dataRoot, PREFIX));
    try {
      const names = [MANIFEST, ...(await this.collect(folder))];
      ready();
      await archive(folder, names, to);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** Names of the files, the manifest not among them. */
  private async collect(folder: string): Promise<string[]> {
    const { dataRoot } = this.node.config;
    const role = this.membership.current?.role;
    await mkdir(join(folder, 'swarm'));
    await this.store.copyTo(join(folder, 'node.db'));
    const names = ['node.db'];
    if (role === 'manager') {
      const { path } = await this.manager.json<{ path: string }>('POST', '/skep/v1/copy');
      await rename(path, join(folder, 'swarm/cluster.db'));
      names.push('swarm/cluster.db');
    }
    for (const name of BACKUP_FILES) if (await copied(join(dataRoot, name), join(folder, name))) names.push(name);
    const digests = await Promise.all(
      names.map(async (name) => [name, await digestOfFile(join(folder, name))] as const),
    );
    const manifest: BackupManifest = {
      format: 1,
      version: skepVersion(),
      createdAt: new Date().toISOString(),
      nodeId: this.node.id,
      ...(role && { role }),
      files: Object.fromEntries(digests),
    };
    await writeFile(join(folder, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600 });
    return names;
  }
}

/** False where there is no such file. */
async function copied(from: string, to: string): Promise<boolean> {
  await mkdir(dirname(to), { recursive: true });
  try {
    await copyFile(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

async function digestOfFile(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}

async function archive(folder: string, names: readonly string[], to: Writable): Promise<void> {
  const tar = spawn('tar', ['--create', '--file=-', `--directory=${folder}`, ...names], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  tar.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  // What tar gave up is not to look whole: the end comes with its exit code, and no process may be had at all.
  const [[code]] = await Promise.all([
    once(tar, 'close') as Promise<[number | null]>,
    pipeline(tar.stdout, to, { end: false }),
  ]);
  if (code !== 0) throw internal(`tar: exit code ${code}: ${said.trim()}`);
  to.end();
}
