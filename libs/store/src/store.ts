import type { ChangeOf, CommittedOf, KindMap, ViewOf } from './changes.js';

/**
 * Desired state, of a node or of a cluster. Reads come from memory (a copy of the database that only commits change); a
 * commit is on disk (WAL, synchronous FULL) before its promise resolves. This is the one place where state changes, and
 * `feed` is the one ordered account of it: another commit log (etcd) can take the database's place behind this
 * interface.
 */
export interface StoreOf<M extends KindMap> extends ViewOf<M> {
  /** revision of the last commit */
  readonly revision: number;

  /** All or nothing. Commits are carried out one after another, in the order of the calls. */
  commit(changes: readonly ChangeOf<M>[]): Promise<CommittedOf<M>>;

  /**
   * Reads, decides and commits without anybody in between: `decide` gets a stable view and returns the changes.
   * Use it for everything that must be unique (addresses, ports, names).
   */
  transact<T>(decide: (view: ViewOf<M>) => { changes: readonly ChangeOf<M>[]; result: T }): Promise<T>;

  /** Calls back after each commit, in order. Returns a function that stops. */
  feed(listener: (committed: CommittedOf<M>) => void): () => void;

  /**
   * Writes the whole state of one moment, everything acknowledged before the call included, as a database of its own to
   * `path`, where nothing may be. Commits wait meanwhile.
   */
  copyTo(path: string): Promise<void>;

  /**
   * Writes the database's files anew: nothing that was replaced or removed before is left in them. Commits wait meanwhile.
   */
  purge(): Promise<void>;

  /** the owner's id, made when the database was made: 64 hex digits */
  readonly ownerId: string;

  close(): Promise<void>;
}
