import { readFileSync } from 'node:fs';
import { certificateFiles, writeSwarmFile, type Credentials } from '#lib/contracts';

const KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]+?-----END [A-Z ]*PRIVATE KEY-----/;

/** What the node shows to managers, and the roots that it trusts. */
export function readCredentials(dataRoot: string): Credentials {
  const files = certificateFiles(dataRoot);
  const read = (path: string) => readFileSync(path, 'utf8');
  const pair = read(files.certificate);
  // Older versions have the key in a file of its own.
  const key = KEY.exec(pair)?.[0] ?? read(files.key);
  return { root: read(files.root), certificate: pair.replace(KEY, '').trim(), key };
}

/**
 * Roots first: a certificate of a root that its holder does not trust would be of no use. Certificate and key are one file,
 * so that there is never one without the other.
 */
export function writeCredentials(dataRoot: string, { root, certificate, key }: Credentials): void {
  writeRoots(dataRoot, root);
  writeSwarmFile(dataRoot, 'node.pem', `${certificate.trim()}\n${key.trim()}\n`);
}

/** @param roots PEM, the cluster's own first */
export function writeRoots(dataRoot: string, roots: string): void {
  writeSwarmFile(dataRoot, 'root.pem', roots);
}
