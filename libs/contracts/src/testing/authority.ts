import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TlsFiles } from '../daemon-config.js';

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

/** An authority that signs certificates, made with openssl in a folder of its own below `parent`. */
export class TestAuthority {
  private readonly folder: string;

  constructor(parent: string, name: string) {
    this.folder = join(parent, name);
    mkdirSync(this.folder);
    this.openssl('ca', name);
  }

  /** A certificate for this address, and the files that whoever shows it needs. */
  issue(name: string, address = '127.0.0.1'): TlsFiles {
    const signed = ['-CA', this.at('ca.pem'), '-CAkey', this.at('ca-key.pem')];
    this.openssl(name, name, '-addext', `subjectAltName=IP:${address}`, ...signed);
    return { ca: this.at('ca.pem'), cert: this.at(`${name}.pem`), key: this.at(`${name}-key.pem`) };
  }

  private at(name: string): string {
    return join(this.folder, name);
  }

  private openssl(file: string, name: string, ...more: string[]): void {
    const out = ['-keyout', this.at(`${file}-key.pem`), '-out', this.at(`${file}.pem`)];
    execFileSync('openssl', ['req', '-x509', ...KEY, '-subj', `/CN=${name}`, ...more, ...out], { stdio: 'pipe' });
  }
}
