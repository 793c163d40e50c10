/** What a store holds: the name of each kind and the type of its objects. Objects are plain JSON. */
export type KindMap = Record<string, object>;
export type KindOf<M extends KindMap> = keyof M & string;

/** An object with the version at which it was last written. Versions grow by one with every write of that object. */
export interface StoredOf<M extends KindMap, K extends KindOf<M>> {
  version: number;
  value: M[K];
}

/**
 * One change of a batch. With `expect`, the batch is refused (`conflict`) unless the object has that version now;
 * 0 means that it must not exist.
 */
export type ChangeOf<M extends KindMap> =
  | { [K in KindOf<M>]: { op: 'put'; kind: K; value: M[K]; expect?: number } }[KindOf<M>]
  | { op: 'delete'; kind: KindOf<M>; id: string; expect?: number };

/** A committed batch, in commit order: revisions grow by one. */
export interface CommittedOf<M extends KindMap> {
  revision: number;
  changes: readonly ChangeOf<M>[];
}

/** Committed state, or what a batch would make of it. */
export interface ViewOf<M extends KindMap> {
  get<K extends KindOf<M>>(kind: K, id: string): StoredOf<M, K> | undefined;
  list<K extends KindOf<M>>(kind: K): readonly M[K][];
}
