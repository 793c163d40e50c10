import type { Change, Committed, Kind, Kinds, Stored } from './changes.js';

/**
 * The node's desired state. Reads come from memory (a copy of the database that only commits change); a commit is on
 * disk (WAL, synchronous FULL) before its promise resolves. This is the one place where state changes, and `feed` is
 * the one ordered account of it: another commit log (etcd) can take the database's place behind this interface.
 */
export interface Store {
  get<K extends Kind>(kind: K, id: string): Stored<K> | undefined;
  list<K extends Kind>(kind: K): readonly Kinds[K][];
  /** revision of the last commit */
  readonly revision: number;

  /** All or nothing. Commits are carried out one after another, in the order of the calls. */
  commit(changes: readonly Change[]): Promise<Committed>;

  /**
   * Reads, decides and commits without anybody in between: `decide` gets a stable view and returns the changes.
   * Use it for everything that must be unique (addresses, ports, names).
   */
  transact<T>(decide: (view: Pick<Store, 'get' | 'list'>) => { changes: readonly Change[]; result: T }): Promise<T>;

  /** Calls back after each commit, in order. Returns a function that stops. */
  feed(listener: (committed: Committed) => void): () => void;

  /** the node's id, made when the database was made: 64 hex digits */
  readonly nodeId: string;

  close(): Promise<void>;
}
