import { createHmac, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { internal } from '#lib/common';
import { swarmFolder, writeSwarmFile } from '#lib/contracts';
import { Sealer, SEALING_KEY } from '#lib/pki';

const FILE = 'cluster.key';
const FROM_BACKUP = 'put it back from a backup, or restore the node with `skep restore`';

/**
 * Seals what must not lie open in cluster.db: the root's key, secrets, configs and credentials. The key is in
 * `swarm/cluster.key`, mode 0600, as hexadecimal digits, and not in the database.
 */
export class ClusterKey extends Sealer {
  /**
   * Made with the cluster; a database that is there already was sealed with a key that no new one can replace.
   *
   * @throws {SkepError} `internal`: the key of a cluster is gone, or no key
   */
  static open(dataRoot: string): ClusterKey {
    const folder = swarmFolder(dataRoot);
    const path = join(folder, FILE);
    if (!existsSync(path)) {
      if (existsSync(join(folder, 'cluster.db')))
        throw internal(`${path} is gone, and ${folder}/cluster.db was sealed with it: ${FROM_BACKUP}`);
      writeSwarmFile(dataRoot, FILE, randomBytes(SEALING_KEY).toString('hex'));
    }
    const text = readFileSync(path, 'utf8').trim();
    if (!/^[0-9a-f]{64}$/.test(text)) throw internal(`${path} holds no key, 64 hexadecimal digits: ${FROM_BACKUP}`);
    return new ClusterKey(Buffer.from(text, 'hex'));
  }

  /** 32 bytes that follow from the text, and that nobody without the key can tell. */
  derive(text: string): Buffer {
    return createHmac('sha256', this.key).update(text).digest();
  }
}
