import type { EntityTarget, MigrationInterface } from 'typeorm';
import type { KindMap, KindOf, StoredOf } from './changes.js';
import type { ObjectRow } from './rows.js';

/** How one kind of object is kept. */
export interface Mapping<T> {
  entity: EntityTarget<ObjectRow>;
  idOf(value: T): string;
  /** columns beside id, version and value */
  columns(value: T): Record<string, string | null>;
}

/** What a database holds, and how it came to be so. */
export interface Schema<M extends KindMap> {
  kinds: { [K in KindOf<M>]: Mapping<M[K]> };
  /** oldest first */
  migrations: (new () => MigrationInterface)[];
  /** what to do about a file that cannot be used any more, for people */
  restore: string;
}

export function kindsOf<M extends KindMap>(schema: Schema<M>): KindOf<M>[] {
  return Object.keys(schema.kinds) as KindOf<M>[];
}

export function toRow<M extends KindMap, K extends KindOf<M>>(
  { kinds }: Schema<M>,
  kind: K,
  { version, value }: StoredOf<M, K>,
): ObjectRow {
  const { idOf, columns } = kinds[kind];
  return { id: idOf(value), version, value: JSON.stringify(value), ...columns(value) };
}
