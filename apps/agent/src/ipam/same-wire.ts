import type { Network } from '#lib/domain';

type Place = Pick<Network, 'id' | 'uplink' | 'vlan'>;

/**
 * May an address of one network be met on the other? Two interfaces may lead to the same segment, and this node would
 * have two routes to the address; VLANs with different numbers are segments of their own. Pure.
 */
export function sameWire(a: Place, b: Place): boolean {
  return a.id === b.id || (a.uplink !== undefined && b.uplink !== undefined && a.vlan === b.vlan);
}
