import 'reflect-metadata';
import { X509Certificate } from 'node:crypto';
import type { ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { issueCertificate, newCertificateRequest, newRoot, type NodeRole, type Root } from '#lib/pki';
import type { ClusterStore } from '#lib/store';
import { TestCluster } from '../testing/test-cluster.js';
import { Roles, RolesGuard } from './roles.js';

class Rpcs {
  @Roles('manager')
  forManagers(): void {}

  @Roles('worker', 'manager')
  forNodes(): void {}

  undeclared(): void {}
}

describe('the guard of all RPCs', () => {
  let root: Root;
  const cluster = new TestCluster();
  const guard = new RolesGuard(cluster as unknown as ClusterStore, new Reflector());
  const call = (name: keyof Rpcs, certificate: string) => {
    const peer = { raw: new X509Certificate(certificate).raw };
    const context = {
      getClass: () => Rpcs,
      getHandler: () => Rpcs.prototype[name],
      getArgByIndex: () => ({ getAuthContext: () => ({ sslPeerCertificate: peer }) }),
    };
    return () => guard.canActivate(context as unknown as ExecutionContext);
  };
  /** A node of the cluster, with its certificate. */
  async function node(id: string, role: NodeRole): Promise<string> {
    const { request } = await newCertificateRequest();
    const certificate = await issueCertificate(root, request, { nodeId: id, role, clusterId: 'cluster' });
    cluster.node(id, { certificate: new X509Certificate(certificate).fingerprint256 });
    return certificate;
  }

  beforeAll(async () => {
    root = await newRoot('cluster');
    cluster.put('cluster', { ...cluster.list('cluster')[0]!, rootCertificate: root.certificate });
  });

  it('lets a manager in where managers may be, and no worker', async () => {
    expect(call('forManagers', await node('m', 'manager'))()).toBe(true);
    const worker = await node('w', 'worker');
    expect(call('forNodes', worker)()).toBe(true);
    expect(call('forManagers', worker)).toThrow('Rpcs.forManagers is not for a worker: manager is needed');
  });

  it('goes by the certificate, not by what the node is said to be', async () => {
    const worker = await node('w2', 'worker');
    const known = cluster.get('node', 'w2')!.value;
    cluster.put('node', { ...known, spec: { ...known.spec, Role: 'manager' } });
    expect(call('forManagers', worker)).toThrow('is not for a worker');
  });

  it('lets nobody call what declares no roles', async () => {
    expect(call('undeclared', await node('m2', 'manager'))).toThrow('is not for a manager');
  });
});
