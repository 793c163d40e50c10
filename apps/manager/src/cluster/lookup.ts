import { invalid, notFound } from '#lib/common';
import type { StoredOf } from '#lib/store';
import type { ClusterKind, ClusterKinds, ClusterView } from '#lib/store';

export type Found<K extends ClusterKind> = StoredOf<ClusterKinds, K>;

/** By full id, full name, or unique prefix of the id, as Docker's clients may name an object of a cluster. */
export function find<K extends ClusterKind>(
  view: ClusterView,
  kind: K,
  idOrName: string,
  nameOf: (value: ClusterKinds[K]) => string,
): Found<K> {
  const exact = view.get(kind, idOrName);
  if (exact) return exact;
  const all = view.list(kind);
  const named = all.filter((each) => nameOf(each) === idOrName);
  const chosen = named.length > 0 ? named : idOrName === '' ? [] : all.filter((each) => each.id.startsWith(idOrName));
  if (chosen.length > 1) throw invalid(`${kind} ${idOrName} is ambiguous (${chosen.length} matches found)`);
  if (chosen[0]) return view.get(kind, chosen[0].id)!;
  throw notFound(`${kind} ${idOrName} not found`);
}
