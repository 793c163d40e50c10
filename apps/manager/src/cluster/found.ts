import { internal, newClusterId } from '#lib/common';
import type { Founding } from '#lib/contracts';
import type { Cluster, ClusterNetwork } from '#lib/domain';
import { newJoinToken, newRoot } from '#lib/pki';
import type { ClusterStore } from '#lib/store';
import type { ClusterKey } from './cluster-key.js';

/** The cluster of this database; a new one is made of what `swarm init` asked for. */
export async function openCluster(
  store: ClusterStore,
  key: ClusterKey,
  founding: Founding | undefined,
): Promise<Cluster> {
  const [existing] = store.list('cluster');
  if (existing) return existing;
  if (!founding) throw internal('cluster.db has no cluster, and the membership does not say how to make one');
  const root = await newRoot(founding.clusterId);
  const now = new Date().toISOString();
  const cluster: Cluster = {
    id: founding.clusterId,
    createdAt: now,
    updatedAt: now,
    spec: founding.spec,
    rootCertificate: root.certificate,
    rootKey: key.seal(Buffer.from(root.key)),
    joinTokens: { worker: newJoinToken(root.certificate), manager: newJoinToken(root.certificate) },
    addressPools: founding.addressPools,
    dataPathPort: founding.dataPathPort,
  };
  await store.commit([
    { op: 'put', kind: 'cluster', value: cluster, expect: 0 },
    { op: 'put', kind: 'network', value: firstIngress(now), expect: 0 },
  ]);
  return cluster;
}

/** The ingress network that a cluster is founded with. */
export function firstIngress(now: string): ClusterNetwork {
  return {
    id: newClusterId(),
    createdAt: now,
    updatedAt: now,
    name: 'ingress',
    labels: {},
    options: {},
    internal: false,
    attachable: false,
    ingress: true,
    enableIPv6: false,
    encrypted: false,
    asked: [],
    pools: [],
  };
}

/** The cluster as a view of the store has it. */
export function clusterOf(view: Pick<ClusterStore, 'list'>): Cluster {
  const [cluster] = view.list('cluster');
  if (!cluster) throw internal('cluster.db has no cluster');
  return cluster;
}
