import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { internal } from '#lib/common';
import { swarmFolder, type Membership } from '#lib/contracts';
import type { Cluster } from '#lib/domain';
import { openClusterStore, type ClusterStore } from '#lib/store';
import { ClusterKey } from './cluster-key.js';
import { openCluster } from './found.js';
import { sealConfigs } from './seal-configs.js';

/**
 * The state of the cluster that this node manages; a cluster that was asked for is founded. Where the node is in its cluster
 * and the state is gone, nothing is founded: that would be a cluster with another root, which no node could get into, this
 * one included.
 *
 * @throws {SkepError} `internal`: the state or its key is gone, or damaged
 */
export async function openState(
  dataRoot: string,
  { nodeId, founding }: Membership,
): Promise<{ key: ClusterKey; store: ClusterStore; cluster: Cluster }> {
  const path = join(swarmFolder(dataRoot), 'cluster.db');
  if (nodeId && !existsSync(path)) {
    throw internal(
      `${path} is gone, and with it the state of the cluster that this node is the manager of. Nothing was changed. Put ` +
        'it back, or restore the node from a backup with `skep restore`; or give the cluster up with ' +
        '`docker swarm leave --force`.',
    );
  }
  const key = ClusterKey.open(dataRoot);
  const store = await openClusterStore(path);
  const cluster = await openCluster(store, key, founding);
  await sealConfigs(store, key);
  return { key, store, cluster };
}
