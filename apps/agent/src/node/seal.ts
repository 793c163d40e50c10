import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFileSync, unavailable } from '#lib/common';
import { Sealer, SEALING_KEY } from '#lib/pki';

/**
 * Inline secrets are in the database only sealed, with a key that is not in it: the 32 bytes of `secret.key`, mode 0600, in
 * the data root.
 */
export function seal(content: string | Buffer, dataRoot: string): string {
  return sealerToSeal(dataRoot).seal(typeof content === 'string' ? Buffer.from(content) : content);
}

export function unseal(sealed: string, dataRoot: string): string {
  return unsealBytes(sealed, dataRoot).toString('utf8');
}

/** Byte for byte: what is sealed need not be text. */
export function unsealBytes(sealed: string, dataRoot: string): Buffer {
  return sealerOf(dataRoot).unseal(sealed);
}

/** The first that is sealed makes the key. What is sealed with it is of use only as long as the key is there. */
function sealerToSeal(dataRoot: string): Sealer {
  const path = pathOf(dataRoot);
  if (!existsSync(path)) replaceFileSync(path, randomBytes(SEALING_KEY), { mode: 0o600, durable: true });
  return sealerOf(dataRoot);
}

/** A key that was made now would open nothing, and stand in the way of the one that does. */
function sealerOf(dataRoot: string): Sealer {
  const path = pathOf(dataRoot);
  if (!existsSync(path)) throw unavailable(`${path} is missing: ${FROM_BACKUP}`);
  const key = readFileSync(path);
  if (key.length === SEALING_KEY) return new Sealer(key);
  throw unavailable(`${path} has ${key.length} bytes and no key, which has ${SEALING_KEY}: ${FROM_BACKUP}`);
}

const FROM_BACKUP =
  'it is the key of the secrets in node.db, which cannot be read without it; put that file back, or the whole node with ' +
  '"skep restore"';

const pathOf = (dataRoot: string) => join(dataRoot, 'secret.key');
