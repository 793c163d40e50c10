import type { Network, NodeNames, ObservedLink } from '#lib/domain';

/** What carries a transparent network's frames. */
export type Carrier =
  /** a bridge: somebody else's, or one of ours that leads nowhere (internal) */
  | { kind: 'bridge'; name: string; ours: boolean }
  /** the link that macvlans live on: the uplink itself, or the VLAN on it; `link` is absent where it does not exist */
  | { kind: 'macvlan'; name: string; link: ObservedLink | undefined };

export function carrierOf(network: Network, names: NodeNames, links: ReadonlyMap<string, ObservedLink>): Carrier {
  if (network.uplink === undefined) return { kind: 'bridge', name: network.linkName, ours: true };
  const name = network.vlan === undefined ? network.uplink : names.vlan(network.id);
  const link = links.get(name);
  return link?.kind === 'bridge' ? { kind: 'bridge', name, ours: false } : { kind: 'macvlan', name, link };
}
