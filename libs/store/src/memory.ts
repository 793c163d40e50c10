import { conflict } from '#lib/common';
import type { ChangeOf, KindMap, KindOf, StoredOf, ViewOf } from './changes.js';
import { kindsOf, type Schema } from './schema.js';

/** An object that a batch leaves behind; undefined where the batch deletes it. */
type After<M extends KindMap> = StoredOf<M, KindOf<M>> | undefined;

/** The committed state. Values are frozen; a list stays the same array until its kind changes. */
export class Memory<M extends KindMap> implements ViewOf<M> {
  private readonly objects: ReadonlyMap<string, Map<string, StoredOf<M, KindOf<M>>>>;
  private readonly lists = new Map<string, readonly M[KindOf<M>][]>();

  constructor(readonly schema: Schema<M>) {
    this.objects = new Map(kindsOf(schema).map((kind) => [kind, new Map()]));
  }

  get<K extends KindOf<M>>(kind: K, id: string): StoredOf<M, K> | undefined {
    return this.objects.get(kind)!.get(id) as StoredOf<M, K> | undefined;
  }

  list<K extends KindOf<M>>(kind: K): readonly M[K][] {
    let list = this.lists.get(kind);
    if (!list) {
      list = Object.freeze([...this.objects.get(kind)!.values()].map((stored) => stored.value));
      this.lists.set(kind, list);
    }
    return list as readonly M[K][];
  }

  set(kind: KindOf<M>, id: string, after: After<M>): void {
    this.lists.delete(kind);
    if (after) this.objects.get(kind)!.set(id, after);
    else this.objects.get(kind)!.delete(id);
  }
}

/** What a batch would make of the state below it. Nothing below changes until `applyTo`. */
export class Draft<M extends KindMap> implements ViewOf<M> {
  private readonly written = new Map<KindOf<M>, Map<string, After<M>>>();
  readonly schema: Schema<M>;

  constructor(private readonly below: Memory<M> | Draft<M>) {
    this.schema = below.schema;
  }

  get<K extends KindOf<M>>(kind: K, id: string): StoredOf<M, K> | undefined {
    const written = this.written.get(kind);
    return written?.has(id) ? (written.get(id) as StoredOf<M, K> | undefined) : this.below.get(kind, id);
  }

  list<K extends KindOf<M>>(kind: K): readonly M[K][] {
    const written = this.written.get(kind);
    if (!written) return this.below.list(kind);
    const { idOf } = this.schema.kinds[kind];
    const kept = this.below.list(kind).filter((value) => !written.has(idOf(value)));
    const added = [...written.values()].filter((after) => after !== undefined).map((after) => after.value as M[K]);
    return [...kept, ...added];
  }

  /** Carries one change out in the draft; `conflict` when the object has another version than expected. */
  write(change: ChangeOf<M>): { id: string; after: After<M> } {
    const id = change.op === 'put' ? this.schema.kinds[change.kind].idOf(change.value) : change.id;
    const version = this.get(change.kind, id)?.version ?? 0;
    if (change.expect !== undefined && change.expect !== version) {
      throw conflict(
        `${change.kind} ${id} ${stateAt(version)}, expected that it ${stateAt(change.expect)}: it changed meanwhile`,
      );
    }
    const after = change.op === 'put' ? { version: version + 1, value: frozenCopy(change.value) } : undefined;
    this.set(change.kind, id, after);
    return { id, after };
  }

  set(kind: KindOf<M>, id: string, after: After<M>): void {
    const written = this.written.get(kind) ?? new Map<string, After<M>>();
    this.written.set(kind, written.set(id, after));
  }

  applyTo(target: Memory<M> | Draft<M>): void {
    for (const [kind, written] of this.written) for (const [id, after] of written) target.set(kind, id, after);
  }
}

function stateAt(version: number): string {
  return version === 0 ? 'does not exist' : `has version ${version}`;
}

/** The value as it will be read back after a restart (JSON), so that memory never says more than the disk. */
export function frozenCopy<T>(value: T): T {
  return deepFreeze(JSON.parse(JSON.stringify(value)) as T);
}

export function deepFreeze<T>(value: T): T {
  if (value !== null && typeof value === 'object') {
    Object.values(value).forEach(deepFreeze);
    Object.freeze(value);
  }
  return value;
}
