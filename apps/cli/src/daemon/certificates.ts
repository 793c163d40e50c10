import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { invalid, messageOf } from '#lib/common';
import type { TlsFiles } from '#lib/contracts';

/** Others: nothing. Group: reading at most, as Debian's group ssl-cert does. */
const FORBIDDEN_MODE = 0o037;

/** Reads the files, so that what is wrong with them is said before anything starts. */
export function checkCertificates({ ca, cert, key }: TlsFiles): void {
  readAs('tlscacert', ca, 'a certificate', (pem) => new X509Certificate(pem));
  const own = readAs('tlscert', cert, 'a certificate', (pem) => new X509Certificate(pem));
  const secret = readAs('tlskey', key, 'an unencrypted private key', createPrivateKey);
  checkMode(key);
  checkPair(own, secret, { cert, key });
}

function readAs<T>(setting: string, path: string, what: string, parse: (pem: Buffer) => T): T {
  let pem: Buffer;
  try {
    pem = readFileSync(path);
  } catch (error) {
    throw invalid(`${setting}: ${path} cannot be read: ${messageOf(error)}`, error);
  }
  try {
    return parse(pem);
  } catch (error) {
    throw invalid(`${setting}: ${path} does not hold ${what} as PEM: ${messageOf(error)}`, error);
  }
}

function checkMode(path: string): void {
  const mode = statSync(path).mode & 0o777;
  if ((mode & FORBIDDEN_MODE) === 0) return;
  throw invalid(`tlskey: ${path} may be read or changed by others (mode 0${mode.toString(8)}): chmod 0600 ${path}`);
}

function checkPair(own: X509Certificate, secret: KeyObject, { cert, key }: Pick<TlsFiles, 'cert' | 'key'>): void {
  if (!own.checkPrivateKey(secret)) throw invalid(`tlskey: ${key} is not the key of the certificate ${cert}`);
}
