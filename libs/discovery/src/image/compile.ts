import type { OwnedName, RecordSet } from '../names/owned-name.js';
import type { ZoneNames } from '../names/zone-names.js';
import { TYPE } from '../wire/constants.js';
import { nameBytes, nameHash } from '../wire/name.js';
import { ENTRY, SET, type ZoneImage } from './image.js';

/** Packs the names of a network that have addresses. */
export function compileZone(zone: ZoneNames): ZoneImage {
  return compileNames(
    [...zone.names.values()].filter((name) => name.addresses),
    zone.version,
    zone.soa,
  );
}

/** @param soa goes with answers that have no record */
export function compileNames(names: readonly OwnedName[], version: number, soa: Uint8Array): ZoneImage {
  const packer = new Packer(soa);
  const entries = new Int32Array(names.length * ENTRY.size);
  const index = new Int32Array(2 ** Math.ceil(Math.log2(names.length * 2 + 1)));
  for (const [number, name] of names.entries()) {
    const wire = nameBytes(name.key);
    const base = number * ENTRY.size;
    entries[base + ENTRY.hash] = nameHash(wire);
    entries[base + ENTRY.name] = packer.put([wire]);
    entries[base + ENTRY.nameLength] = wire.length;
    packer.putSet(entries, base + ENTRY.a, name.sets.get(TYPE.A));
    packer.putSet(entries, base + ENTRY.aaaa, name.sets.get(TYPE.AAAA));
    let place = entries[base + ENTRY.hash]! & (index.length - 1);
    while (index[place] !== 0) place = (place + 1) & (index.length - 1);
    index[place] = number + 1;
  }
  return { version, index, entries, orders: packer.orders(), bytes: packer.bytes(), soaLength: soa.length };
}

class Packer {
  readonly #pieces: Uint8Array[] = [];
  readonly #orders: number[] = [];
  /** Names that share records (`web` and `web.front`) share their bytes. */
  readonly #sets = new Map<readonly Uint8Array[], { records: number; orders: number }>();
  #length = 0;

  constructor(soa: Uint8Array) {
    this.put([soa]);
  }

  put(pieces: readonly Uint8Array[]): number {
    const at = this.#length;
    for (const piece of pieces) {
      this.#pieces.push(piece);
      this.#length += piece.length;
    }
    return at;
  }

  putSet(entries: Int32Array, base: number, set: RecordSet | undefined): void {
    if (!set) return;
    let packed = this.#sets.get(set.records);
    if (!packed) {
      packed = { records: this.put([...set.records, ...set.records]), orders: this.#orders.length };
      for (let i = 0; i < set.count; i++) this.#orders.push(set.order(i));
      this.#sets.set(set.records, packed);
    }
    entries[base + SET.records] = packed.records;
    entries[base + SET.count] = set.count;
    entries[base + SET.cursor] = set.cursor;
    entries[base + SET.orders] = packed.orders;
  }

  orders(): Uint32Array<ArrayBuffer> {
    return Uint32Array.from(this.#orders);
  }

  bytes(): Uint8Array<ArrayBuffer> {
    const all = new Uint8Array(this.#length);
    let at = 0;
    for (const piece of this.#pieces) {
      all.set(piece, at);
      at += piece.length;
    }
    return all;
  }
}
