/**
 * What the hot path knows of one network: its names with their A and AAAA records, packed into four arrays that go
 * from thread to thread without being copied.
 *
 * `index` is a hash table with open addressing, a power of two long: 0 is a free place, n the entry n-1.
 * An entry is ENTRY numbers of `entries`; offsets and lengths are bytes of `bytes`.
 * The records of a set lie in `bytes` twice in a row, so that every rotation is one piece.
 */
export interface ZoneImage {
  version: number;
  index: Int32Array<ArrayBuffer>;
  entries: Int32Array<ArrayBuffer>;
  /** orders of the rotating records (rotation.ts) */
  orders: Uint32Array<ArrayBuffer>;
  bytes: Uint8Array<ArrayBuffer>;
  /** length of the SOA record, which is the first thing in `bytes` */
  soaLength: number;
}

/** Numbers of an entry: the name's, then those of each set. */
export const ENTRY = { hash: 0, name: 1, nameLength: 2, a: 3, aaaa: 7, size: 11 } as const;

/** Numbers of a set. */
export const SET = { records: 0, count: 1, cursor: 2, orders: 3 } as const;

/** Bytes of an A and an AAAA record whose owner is a pointer. */
export const RECORD_LENGTH = { a: 16, aaaa: 28 } as const;
