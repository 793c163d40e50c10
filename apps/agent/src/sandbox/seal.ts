import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unavailable } from '#lib/common';

/**
 * Inline secrets are in the database only sealed (AES-256-GCM) with a key that is not in it: `secret.key`, mode 0600,
 * in the data root. Sealed text: base64 of nonce (12 bytes), tag (16 bytes) and cipher text.
 */
export function seal(content: string | Buffer, dataRoot: string): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', keyToSeal(dataRoot), nonce);
  const text = Buffer.concat([
    cipher.update(typeof content === 'string' ? Buffer.from(content) : content),
    cipher.final(),
  ]);
  return Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64');
}

export function unseal(sealed: string, dataRoot: string): string {
  return unsealBytes(sealed, dataRoot).toString('utf8');
}

/** Byte for byte: what is sealed need not be text. */
export function unsealBytes(sealed: string, dataRoot: string): Buffer {
  const bytes = Buffer.from(sealed, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', keyToUnseal(dataRoot), bytes.subarray(0, 12));
  decipher.setAuthTag(bytes.subarray(12, 28));
  return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]);
}

/** The first that is sealed makes the key. */
function keyToSeal(dataRoot: string): Buffer {
  const path = pathOf(dataRoot);
  if (!existsSync(path)) writeFileSync(path, randomBytes(32), { mode: 0o600, flag: 'wx' });
  return readFileSync(path);
}

/** A key that was made now would open nothing, and stand in the way of the one that does. */
function keyToUnseal(dataRoot: string): Buffer {
  const path = pathOf(dataRoot);
  if (existsSync(path)) return readFileSync(path);
  throw unavailable(
    `${path} is missing: it is the key of the secrets in node.db, which cannot be read without it; put that file back, ` +
      'or the whole node with "skep restore"',
  );
}

const pathOf = (dataRoot: string) => join(dataRoot, 'secret.key');
