import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Inline secrets are in the database only sealed (AES-256-GCM) with a key that is not in it: `secret.key`, mode 0600,
 * in the data root. Sealed text: base64 of nonce (12 bytes), tag (16 bytes) and cipher text.
 */
export function seal(content: string | Buffer, dataRoot: string): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key(dataRoot), nonce);
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
  const decipher = createDecipheriv('aes-256-gcm', key(dataRoot), bytes.subarray(0, 12));
  decipher.setAuthTag(bytes.subarray(12, 28));
  return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]);
}

function key(dataRoot: string): Buffer {
  const path = join(dataRoot, 'secret.key');
  if (!existsSync(path)) writeFileSync(path, randomBytes(32), { mode: 0o600, flag: 'wx' });
  return readFileSync(path);
}
