import { stableStringify } from '#lib/common';

type Json = Record<string, unknown>;

/** Listing order: what others refer to comes first. Rules keep the order in which they run. */
const KINDS = ['table', 'counter', 'set', 'map', 'chain', 'rule'];

/**
 * nft's JSON of a table, so that equal tables give deeply equal values: without metainfo, handles and counters' values;
 * sets, maps and chains by name, elements sorted, rules by chain.
 */
export function normalizeListing(json: string): unknown[] {
  const { nftables } = JSON.parse(json) as { nftables: Json[] };
  return nftables
    .filter((entry) => !('metainfo' in entry))
    .map((entry) =>
      Object.fromEntries(Object.entries(entry).map(([kind, object]) => [kind, normalize(object as Json)])),
    )
    .map((entry, index) => ({ entry, index, place: placeOf(entry) }))
    .sort((a, b) => a.place.rank - b.place.rank || compare(a.place.name, b.place.name) || a.index - b.index)
    .map(({ entry }) => entry);
}

function placeOf(entry: Json): { rank: number; name: string } {
  const [kind, object] = Object.entries(entry)[0] as [string, Json];
  const rank = KINDS.indexOf(kind);
  return {
    rank: rank < 0 ? KINDS.length : rank,
    name: String((kind === 'rule' ? object['chain'] : object['name']) ?? kind),
  };
}

function normalize(object: Json): Json {
  const { handle: _handle, elem, ...rest } = object;
  if (!Array.isArray(elem)) return withoutCounts(rest) as Json;
  const elements = elem.map(withoutCounts).map((value) => [stableStringify(value), value] as const);
  return {
    ...(withoutCounts(rest) as Json),
    elem: elements.sort(([a], [b]) => compare(a, b)).map(([, value]) => value),
  };
}

/** A counter keeps its place and loses its figures; elements lose the time they have left. */
function withoutCounts(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutCounts);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== 'expires')
      .map(([key, inner]) => [key, key === 'counter' && typeof inner === 'object' ? null : withoutCounts(inner)]),
  );
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
