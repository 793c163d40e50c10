import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';

/** WireGuard's keys are X25519's, in base64. */
export function newPrivateKey(): string {
  const { d } = generateKeyPairSync('x25519').privateKey.export({ format: 'jwk' });
  return toBase64(d!);
}

export function publicKeyOf(privateKey: string): string {
  // RFC 8410: what stands before the key in PKCS #8
  const der = Buffer.concat([
    Buffer.from('302e020100300506032b656e04220420', 'hex'),
    Buffer.from(privateKey, 'base64'),
  ]);
  const key = createPublicKey(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }));
  return toBase64(key.export({ format: 'jwk' }).x!);
}

function toBase64(text: string): string {
  return Buffer.from(text, 'base64url').toString('base64');
}
