import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { authoritiesOf, isInsecure, registryHost } from './registry-host.js';

it.each([
  ['', 'registry-1.docker.io'],
  ['docker.io', 'registry-1.docker.io'],
  ['https://index.docker.io/v1/', 'registry-1.docker.io'],
  ['127.0.0.1:5000', '127.0.0.1:5000'],
  ['https://registry.example/v2/', 'registry.example'],
])('%j is asked at %s', (address, host) => {
  expect(registryHost(address)).toBe(host);
});

it.each([
  ['127.0.0.1:5000', true],
  ['127.9.9.9', true],
  ['[::1]:5000', true],
  ['localhost:5000', true],
  ['registry.example', false],
  ['plain.example', true],
  ['plain.example:80', true],
  ['other.example:81', true],
  ['other.example:82', false],
  ['10.1.2.3:5000', true],
  ['10.2.2.3:5000', false],
])('%s may be asked without TLS: %s', (host, insecure) => {
  expect(isInsecure(host, ['plain.example', 'other.example:81', '10.1.0.0/16'])).toBe(insecure);
});

it('trusts the authorities that the machine has for a registry, and for no other', () => {
  const folder = mkdtempSync('/tmp/skep-certs-');
  try {
    mkdirSync(join(folder, 'r.example:5000'));
    writeFileSync(join(folder, 'r.example:5000', 'ca.crt'), 'PEM');
    writeFileSync(join(folder, 'r.example:5000', 'client.key'), 'KEY');
    expect(authoritiesOf('r.example:5000', [folder, '/nonexistent'])).toEqual(['PEM']);
    expect(authoritiesOf('r.example', [folder])).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
