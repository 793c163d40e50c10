import { expect, it } from 'vitest';
import type { Cluster, ClusterNode } from '#lib/domain';
import { newRoot } from '#lib/pki';
import { TestCluster } from '../testing/test-cluster.js';
import { nodeJson } from './node-json.js';

const cluster = { rootCertificate: (await newRoot('c1')).certificate } as Cluster;
const shown = (Role: ClusterNode['spec']['Role'], more: object = {}) => {
  const value = new TestCluster().node('a');
  const description = { ...value.description!, ...more };
  return nodeJson({ value: { ...value, description, spec: { ...value.spec, Role } }, version: 1 }, cluster);
};

it('shows where a manager is reached, with its port', () => {
  expect(shown('manager', { managerAddress: '10.0.0.1:2377' }).ManagerStatus?.Addr).toBe('10.0.0.1:2377');
  expect(shown('worker')).not.toHaveProperty('ManagerStatus');
});
