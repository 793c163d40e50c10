import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { internal } from '#lib/common';
import { swarmFolder, writeSwarmFile } from '#lib/contracts';

const FILE = 'cluster.key';
const BYTES = 32;
const FROM_BACKUP = 'put it back from a backup, or restore the node with `skep restore`';

/**
 * Seals what must not lie open in cluster.db: the root's key, secrets, configs and credentials. AES-256-GCM with the key in
 * `swarm/cluster.key`, mode 0600, which is not in the database. Sealed: base64 of nonce (12 bytes), tag (16) and text.
 */
export class ClusterKey {
  private constructor(private readonly key: Buffer) {}

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
      writeSwarmFile(dataRoot, FILE, randomBytes(BYTES).toString('hex'));
    }
    const text = readFileSync(path, 'utf8').trim();
    if (!/^[0-9a-f]{64}$/.test(text)) throw internal(`${path} holds no key, 64 hexadecimal digits: ${FROM_BACKUP}`);
    return new ClusterKey(Buffer.from(text, 'hex'));
  }

  seal(text: Buffer): string {
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.key, nonce);
    const sealed = Buffer.concat([cipher.update(text), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64');
  }

  /** Throws when the text was sealed with another key, or changed. */
  unseal(sealed: string): Buffer {
    const bytes = Buffer.from(sealed, 'base64');
    const decipher = createDecipheriv('aes-256-gcm', this.key, bytes.subarray(0, 12));
    decipher.setAuthTag(bytes.subarray(12, 28));
    return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]);
  }

  /** 32 bytes that follow from the text, and that nobody without the key can tell. */
  derive(text: string): Buffer {
    return createHmac('sha256', this.key).update(text).digest();
  }
}
