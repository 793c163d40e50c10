import { conflict } from '#lib/common';
import type { Change, Kind, Kinds, Stored } from './changes.js';
import { idOf, KINDS } from './kinds.js';

/** An object that a batch leaves behind; undefined where the batch deletes it. */
type After<K extends Kind> = Stored<K> | undefined;

export interface View {
  get<K extends Kind>(kind: K, id: string): Stored<K> | undefined;
  list<K extends Kind>(kind: K): readonly Kinds[K][];
}

/** The committed state. Values are frozen; a list stays the same array until its kind changes. */
export class Memory implements View {
  private readonly objects = new Map<Kind, Map<string, Stored<Kind>>>(KINDS.map((kind) => [kind, new Map()]));
  private readonly lists = new Map<Kind, readonly Kinds[Kind][]>();

  get<K extends Kind>(kind: K, id: string): Stored<K> | undefined {
    return this.objects.get(kind)!.get(id) as Stored<K> | undefined;
  }

  list<K extends Kind>(kind: K): readonly Kinds[K][] {
    let list = this.lists.get(kind);
    if (!list) {
      list = Object.freeze([...this.objects.get(kind)!.values()].map((stored) => stored.value));
      this.lists.set(kind, list);
    }
    return list as readonly Kinds[K][];
  }

  set<K extends Kind>(kind: K, id: string, after: After<K>): void {
    this.lists.delete(kind);
    if (after) this.objects.get(kind)!.set(id, after);
    else this.objects.get(kind)!.delete(id);
  }
}

/** What a batch would make of the state below it. Nothing below changes until `applyTo`. */
export class Draft implements View {
  private readonly written = new Map<Kind, Map<string, After<Kind>>>();

  constructor(private readonly below: View) {}

  get<K extends Kind>(kind: K, id: string): Stored<K> | undefined {
    const written = this.written.get(kind);
    return written?.has(id) ? (written.get(id) as After<K>) : this.below.get(kind, id);
  }

  list<K extends Kind>(kind: K): readonly Kinds[K][] {
    const written = this.written.get(kind);
    if (!written) return this.below.list(kind);
    const kept = this.below.list(kind).filter((value) => !written.has(idOf(kind, value)));
    const added = [...written.values()].filter((after) => after !== undefined).map((after) => after.value as Kinds[K]);
    return [...kept, ...added];
  }

  /** Carries one change out in the draft; `conflict` when the object has another version than expected. */
  write(change: Change): { id: string; after: After<Kind> } {
    const id = change.op === 'put' ? idOf(change.kind, change.value) : change.id;
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

  set<K extends Kind>(kind: K, id: string, after: After<K>): void {
    const written = this.written.get(kind) ?? new Map<string, After<Kind>>();
    this.written.set(kind, written.set(id, after));
  }

  applyTo(target: Memory | Draft): void {
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
