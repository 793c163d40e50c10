import type { Container, ContainerStatus, Network, Project, Volume } from '#lib/domain';

/** Everything the node's database holds, by kind. */
export interface Kinds {
  network: Network;
  container: Container;
  status: ContainerStatus;
  volume: Volume;
  project: Project;
}
export type Kind = keyof Kinds;

/** An object with the version at which it was last written. Versions grow by one with every write of that object. */
export interface Stored<K extends Kind> {
  version: number;
  value: Kinds[K];
}

/**
 * One change of a batch. With `expect`, the batch is refused (`conflict`) unless the object has that version now;
 * 0 means that it must not exist.
 */
export type Change =
  | { [K in Kind]: { op: 'put'; kind: K; value: Kinds[K]; expect?: number } }[Kind]
  | { op: 'delete'; kind: Kind; id: string; expect?: number };

/** A committed batch, in commit order: revisions grow by one. */
export interface Committed {
  revision: number;
  changes: readonly Change[];
}
