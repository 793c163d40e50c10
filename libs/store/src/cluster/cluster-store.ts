import type {
  Attachment,
  Cluster,
  ClusterConfig,
  ClusterNetwork,
  ClusterNode,
  ClusterSecret,
  Service,
  Task,
} from '#lib/domain';
import { clusterMigrations } from '#migrations/cluster';
import type { ChangeOf, CommittedOf, ViewOf } from '../changes.js';
import { openStore } from '../object-store.js';
import type { Schema } from '../schema.js';
import type { StoreOf } from '../store.js';
import {
  AttachmentRow,
  ClusterNetworkRow,
  ClusterRow,
  ConfigRow,
  NodeRow,
  SecretRow,
  ServiceRow,
  TaskRow,
} from './entities.js';

/** Everything a cluster's database holds, by kind. */
export type ClusterKinds = {
  cluster: Cluster;
  node: ClusterNode;
  service: Service;
  task: Task;
  network: ClusterNetwork;
  secret: ClusterSecret;
  config: ClusterConfig;
  attachment: Attachment;
};
export type ClusterKind = keyof ClusterKinds;
export type ClusterChange = ChangeOf<ClusterKinds>;
export type ClusterCommitted = CommittedOf<ClusterKinds>;
export type ClusterView = ViewOf<ClusterKinds>;

/** The cluster's desired and observed state; on a manager. */
export type ClusterStore = StoreOf<ClusterKinds>;

const idOf = (object: { id: string }) => object.id;

export const clusterSchema: Schema<ClusterKinds> = {
  kinds: {
    cluster: { entity: ClusterRow, idOf, columns: () => ({}) },
    node: { entity: NodeRow, idOf, columns: () => ({}) },
    service: { entity: ServiceRow, idOf, columns: ({ spec }) => ({ name: spec.Name }) },
    task: { entity: TaskRow, idOf, columns: ({ serviceId, nodeId }) => ({ serviceId, nodeId: nodeId ?? null }) },
    network: { entity: ClusterNetworkRow, idOf, columns: ({ name }) => ({ name }) },
    secret: { entity: SecretRow, idOf, columns: ({ spec }) => ({ name: spec.Name }) },
    config: { entity: ConfigRow, idOf, columns: ({ spec }) => ({ name: spec.Name }) },
    attachment: { entity: AttachmentRow, idOf, columns: ({ nodeId }) => ({ nodeId }) },
  },
  migrations: clusterMigrations,
  restore:
    'Restore the node from a backup with `skep restore`; or give the cluster up with `docker swarm leave --force`.',
};

/** Opens cluster.db, and makes it first where there is none; errors as `openStore`. */
export const openClusterStore = (path: string): Promise<ClusterStore> => openStore(path, clusterSchema);
