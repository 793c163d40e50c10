import { expect, it } from 'vitest';
import { parseClusterSpec } from './cluster-spec.js';

it('takes what the CLI sends back of a cluster that it has read', () => {
  const body = { Name: 'default', Labels: {}, CAConfig: { NodeCertExpiry: 7776000000000000 }, EncryptionConfig: {} };
  expect(parseClusterSpec(body)).toEqual(body);
  expect(parseClusterSpec({})).toEqual({ Name: 'default' });
});

it.each([
  ['rotating the root CA', { CAConfig: { ForceRotate: 1 } }],
  ['rotating the root CA', { CAConfig: { SigningCACert: 'a', SigningCAKey: 'b' } }],
  ['external CAs', { CAConfig: { ExternalCAs: [{ Protocol: 'cfssl', URL: 'https://ca.example' }] } }],
  ['autolock', { EncryptionConfig: { AutoLockManagers: true } }],
])('refuses %s by name', (words, body) => {
  expect(() => parseClusterSpec(body)).toThrow(words);
});
