import { expect, it } from 'vitest';
import type { Cluster } from '#lib/domain';
import { newRoot } from '#lib/pki';
import { nextRoot, parseClusterSpec } from './cluster-spec.js';

const cluster = { id: 'c', spec: { Name: 'default', CAConfig: { ForceRotate: 2 } } } as Cluster;

it('takes what the CLI sends back of a cluster that it has read', async () => {
  const body = { Name: 'default', Labels: {}, CAConfig: { NodeCertExpiry: 7776000000000000, ForceRotate: 2 } };
  expect(parseClusterSpec(body)).toEqual({ spec: body });
  expect(parseClusterSpec({})).toEqual({ spec: { Name: 'default' } });
  expect(await nextRoot(cluster, parseClusterSpec(body))).toBeUndefined();
});

it('makes a root where the number of rotations is another one', async () => {
  const root = await nextRoot(cluster, parseClusterSpec({ CAConfig: { ForceRotate: 3 } }));
  expect(root?.certificate).toMatch('BEGIN CERTIFICATE');
});

it('keeps certificate and key that somebody brings out of the spec', async () => {
  const { certificate, key } = await newRoot('ours');
  const wanted = parseClusterSpec({ CAConfig: { ForceRotate: 2, SigningCACert: certificate, SigningCAKey: key } });
  expect(wanted.spec.CAConfig).toEqual({ ForceRotate: 2 });
  expect(await nextRoot(cluster, wanted)).toEqual({ certificate, key });
});

it.each([
  ['without its key', { CAConfig: { SigningCACert: 'a' } }],
  ['the signing CA cert must also be provided', { CAConfig: { SigningCAKey: 'b' } }],
  ['external CAs', { CAConfig: { ExternalCAs: [{ Protocol: 'cfssl', URL: 'https://ca.example' }] } }],
  ['minimum certificate expiry time is: 1h0m0s', { CAConfig: { NodeCertExpiry: 3_599e9 } }],
  ['TaskHistoryRetentionLimit', { Orchestration: { TaskHistoryRetentionLimit: 'all' } }],
  ['heartbeat period is 0.000001 ms; between 100 ms', { Dispatcher: { HeartbeatPeriod: 1 } }],
  ['heartbeat period is 172800000 ms', { Dispatcher: { HeartbeatPeriod: 172_800e9 } }],
  ['HeartbeatPeriod', { Dispatcher: { HeartbeatPeriod: -1 } }],
  ['autolock', { EncryptionConfig: { AutoLockManagers: true } }],
])('refuses %s by name', (words, body) => {
  expect(() => parseClusterSpec(body)).toThrow(words);
});
