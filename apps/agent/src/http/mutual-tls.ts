import { readFileSync } from 'node:fs';
import type { ServerOptions } from 'node:https';
import type { TlsFiles } from '#lib/contracts';

/** A server that shows its certificate, and lets in only clients whose certificate the authority has signed. */
export function mutualTls({ ca, cert, key }: TlsFiles): ServerOptions {
  return {
    ca: readFileSync(ca),
    cert: readFileSync(cert),
    key: readFileSync(key),
    minVersion: 'TLSv1.2',
    requestCert: true,
    rejectUnauthorized: true,
    // As node:http has it: who attaches to a container ends its own side first, and goes on reading.
    allowHalfOpen: true,
  };
}
