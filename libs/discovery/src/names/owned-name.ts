import type { NameKey } from '../wire/name.js';
import type { Rotating } from '../rotation.js';
import type { Omission } from './model.js';

/** Records of one type. They rotate; what is additional does not. */
export interface RecordSet extends Rotating {
  records: readonly Uint8Array[];
  additional: readonly Uint8Array[];
}

/** A name that a network owns, with everything that can be answered about it. */
export interface OwnedName {
  key: NameKey;
  /** which rule made it, in words */
  rule: string;
  sets: ReadonlyMap<number, RecordSet>;
  omitted: readonly Omission[];
  /** the hot path answers it; what it has no record for is answered empty */
  addresses: boolean;
}

/** A record with the number that puts it in its place. */
export interface Ordered {
  record: Uint8Array;
  order: number;
}

/** @param cursor gives the number under which this set's turns are counted */
export function recordSet(
  items: readonly Ordered[],
  version: number,
  cursor: () => number,
  additional: readonly Uint8Array[] = [],
): RecordSet {
  const sorted = items.toSorted((a, b) => a.order - b.order || Buffer.compare(a.record, b.record));
  return {
    records: sorted.map(({ record }) => record),
    additional,
    version,
    cursor: sorted.length > 1 ? cursor() : 0,
    count: sorted.length,
    order: (index) => sorted[index]!.order,
  };
}

/** The same set under a name of its own, with turns of its own. */
export const underAnotherName = (set: RecordSet, cursor: () => number): RecordSet => ({
  ...set,
  cursor: set.count > 1 ? cursor() : 0,
});
