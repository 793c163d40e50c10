import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { checkCertificates } from './certificates.js';

describe('the files for TLS', () => {
  const folder = mkdtempSync('/tmp/skep-tls-');
  const at = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' });
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const files = () => ({ ca: at('cert.pem'), cert: at('cert.pem'), key: at('key.pem') });

  beforeAll(() => {
    openssl('req', '-x509', ...curve, '-subj', '/CN=node', '-keyout', at('key.pem'), '-out', at('cert.pem'));
    openssl('genpkey', '-algorithm', 'ed25519', '-out', at('other.pem'));
    openssl('genrsa', '-aes128', '-passout', 'pass:word', '-out', at('locked.pem'), '2048');
    writeFileSync(at('text.pem'), 'certificate');
  });
  beforeEach(() => chmodSync(at('key.pem'), 0o600));
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each([0o400, 0o600, 0o640])('are accepted with a key of mode %o', (mode) => {
    chmodSync(at('key.pem'), mode);
    expect(() => checkCertificates(files())).not.toThrow();
  });

  it.each([0o604, 0o644, 0o660])('are refused with a key of mode %o', (mode) => {
    chmodSync(at('key.pem'), mode);
    expect(() => checkCertificates(files())).toThrow(
      `tlskey: ${at('key.pem')} may be read or changed by others (mode 0${mode.toString(8)}): chmod 0600 ${at('key.pem')}`,
    );
  });

  it.each([
    ['ca', 'absent.pem', 'tlscacert: ', 'cannot be read: ENOENT'],
    ['ca', 'text.pem', 'tlscacert: ', 'does not hold a certificate as PEM'],
    ['cert', 'key.pem', 'tlscert: ', 'does not hold a certificate as PEM'],
    ['key', 'cert.pem', 'tlskey: ', 'does not hold an unencrypted private key as PEM'],
    ['key', 'locked.pem', 'tlskey: ', 'does not hold an unencrypted private key as PEM'],
    ['key', 'other.pem', 'tlskey: ', `is not the key of the certificate ${at('cert.pem')}`],
  ])('are named when they are wrong: %s = %s', (which, name, setting, reason) => {
    const check = () => checkCertificates({ ...files(), [which]: at(name) });
    expect(check).toThrow(`${setting}${at(name)} `);
    expect(check).toThrow(reason);
  });
});
