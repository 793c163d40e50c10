import type { OverlayPeer } from '#lib/domain';
import type { Forwarding } from '#lib/host';

/** Everything the network's VXLAN device is to know of endpoints on other nodes. Pure. */
export function forwardingOf(peers: readonly OverlayPeer[]): Forwarding[] {
  return peers.flatMap(({ mac, vtep, ipv4, ipv6 }): Forwarding[] => [
    { table: 'tunnel', mac, to: vtep },
    { table: 'bridge', mac },
    ...[ipv4, ipv6].flatMap((to): Forwarding[] => (to === undefined ? [] : [{ table: 'neighbour', mac, to }])),
  ]);
}

/**
 * What leads from what the device knows to what it is to know. An entry that only has another target is replaced, not
 * removed: frames go somewhere at every moment. Pure.
 */
export function forwardingChange(
  known: readonly Forwarding[],
  wanted: readonly Forwarding[],
): { remove: Forwarding[]; put: Forwarding[] } {
  const there = new Set(known.map(entryOf));
  const keys = new Set(wanted.map(keyOf));
  return {
    remove: known.filter((each) => !keys.has(keyOf(each))),
    put: wanted.filter((each) => !there.has(entryOf(each))),
  };
}

function keyOf(entry: Forwarding): string {
  return `${entry.table} ${entry.table === 'neighbour' ? entry.to : entry.mac}`;
}

function entryOf(entry: Forwarding): string {
  return `${keyOf(entry)} ${entry.mac} ${entry.table === 'bridge' ? '' : entry.to}`;
}
