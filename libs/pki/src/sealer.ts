import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** Bytes of a key. */
export const SEALING_KEY = 32;
const CIPHER = 'aes-256-gcm';
const NONCE = 12;
const TAG = 16;

/** Seals what must not lie open in a database (AES-256-GCM). Sealed: base64 of nonce (12 bytes), tag (16) and text. */
export class Sealer {
  /** @param key 32 bytes */
  constructor(protected readonly key: Buffer) {}

  seal(text: Buffer): string {
    const nonce = randomBytes(NONCE);
    const cipher = createCipheriv(CIPHER, this.key, nonce);
    const sealed = Buffer.concat([cipher.update(text), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64');
  }

  /** Byte for byte: what is sealed need not be text. Throws when it was sealed with another key, or changed. */
  unseal(sealed: string): Buffer {
    const bytes = Buffer.from(sealed, 'base64');
    const decipher = createDecipheriv(CIPHER, this.key, bytes.subarray(0, NONCE), { authTagLength: TAG });
    decipher.setAuthTag(bytes.subarray(NONCE, NONCE + TAG));
    return Buffer.concat([decipher.update(bytes.subarray(NONCE + TAG)), decipher.final()]);
  }
}
