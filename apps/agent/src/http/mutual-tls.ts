import { readFileSync } from 'node:fs';
import type { TlsOptions } from 'node:tls';
import type { TlsFiles } from '#lib/contracts';

/** A server that shows its certificate, and lets in only clients whose certificate the authority has signed. */
export function mutualTls({ ca, cert, key }: TlsFiles): TlsOptions {
  return {
    ca: readFileSync(ca),
    cert: readFileSync(cert),
    key: readFileSync(key),
    minVersion: 'TLSv1.2',
    requestCert: true,
    rejectUnauthorized: true,
  };
}
