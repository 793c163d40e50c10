import type { Container, ContainerStatus, Network, NodeNames, Translation, Volume } from '#lib/domain';

/** Desired state: what the store holds, and the time (milliseconds since the epoch). */
export interface Desired {
  names: NodeNames;
  networks: readonly Network[];
  containers: readonly Container[];
  statuses: ReadonlyMap<string, ContainerStatus>;
  volumes: readonly Volume[];
  /** by container id: addresses that stand for others in its network namespace; absent: none */
  translations: ReadonlyMap<string, readonly Translation[]>;
  now: number;
}
