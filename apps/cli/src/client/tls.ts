import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { invalid, messageOf } from '#lib/common';

/** The options before a command that concern TLS; Docker's names. */
export interface TlsFlags {
  tlsverify?: boolean;
  tlscacert?: string;
  tlscert?: string;
  tlskey?: string;
}

/** PEM: whom the client trusts, and what it shows. */
export interface TlsIdentity {
  ca: Buffer;
  cert: Buffer;
  key: Buffer;
}

/**
 * What a daemon on TCP is met with, as the docker CLI has it: with `--tlsverify`, `DOCKER_TLS_VERIFY`, or one of the
 * files named. Files that are not named are `ca.pem`, `cert.pem` and `key.pem` in `DOCKER_CERT_PATH`, else in ~/.docker.
 * Undefined: no TLS. Errors: `invalid` for a file that cannot be read.
 */
export function tlsIdentity(flags: TlsFlags, env: NodeJS.ProcessEnv): TlsIdentity | undefined {
  const { tlsverify, tlscacert, tlscert, tlskey } = flags;
  if (!(tlsverify || tlscacert || tlscert || tlskey || env.DOCKER_TLS_VERIFY)) return undefined;
  const folder = env.DOCKER_CERT_PATH || join(homedir(), '.docker');
  const read = (option: string, given: string | undefined, name: string): Buffer => {
    const path = given ?? join(folder, name);
    try {
      return readFileSync(path);
    } catch (error) {
      throw invalid(`${path} cannot be read (${messageOf(error)}): name it with ${option} or DOCKER_CERT_PATH`, error);
    }
  };
  return {
    ca: read('--tlscacert', tlscacert, 'ca.pem'),
    cert: read('--tlscert', tlscert, 'cert.pem'),
    key: read('--tlskey', tlskey, 'key.pem'),
  };
}
