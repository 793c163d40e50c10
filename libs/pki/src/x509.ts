import 'reflect-metadata';
import { createPrivateKey, randomBytes, webcrypto, type KeyObject } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { invalid } from '#lib/common';

x509.cryptoProvider.set(globalThis.crypto);

/** What every key of a cluster is: ECDSA on P-256, signatures with SHA-256. */
export const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** Clocks of nodes differ. Milliseconds. */
export const LEEWAY = 3600 * 1000;

/** Of a certificate: positive, 127 random bits, hex. */
export function serial(): string {
  const bytes = randomBytes(16);
  bytes[0]! &= 0x7f;
  return bytes.toString('hex');
}

export async function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

/** PKCS #8, PEM */
export async function keyToPem(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
}

/** An authority's private key and how it signs: ours are ECDSA on P-256, those that people bring may also be others. */
export interface Signer {
  key: webcrypto.CryptoKey;
  algorithm: webcrypto.Algorithm | webcrypto.EcdsaParams;
}

const CURVES: Readonly<Record<string, string>> = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' };

/** Of a private key in PEM (PKCS #8, PKCS #1, SEC 1), RSA or ECDSA. Others: `invalid`. */
export async function signerFromPem(pem: string): Promise<Signer> {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch (error) {
    throw invalid('the key of the CA is no private key in PEM without a passphrase', error);
  }
  const algorithm = algorithmOf(key);
  const pkcs8 = key.export({ format: 'der', type: 'pkcs8' });
  return { key: await webcrypto.subtle.importKey('pkcs8', pkcs8, algorithm, true, ['sign']), algorithm };
}

function algorithmOf({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject) {
  if (type === 'rsa') return { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  const namedCurve = CURVES[details?.namedCurve ?? ''];
  if (type === 'ec' && namedCurve) return { name: 'ECDSA', namedCurve, hash: 'SHA-256' };
  throw invalid(`the key of the CA is of type ${type}; RSA and ECDSA on P-256, P-384 or P-521 are accepted`);
}

export { x509 };
