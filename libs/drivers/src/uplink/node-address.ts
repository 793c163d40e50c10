import ipaddr from 'ipaddr.js';
import type { Network, ObservedLink } from '#lib/domain';

/**
 * The node's own address on the uplink, by which it speaks to its containers: the one in the network's subnet, or else
 * the first. Undefined: it has none there.
 */
export function nodeAddressOn(
  network: Pick<Network, 'pools'>,
  family: 'ipv4' | 'ipv6',
  uplink: ObservedLink,
): string | undefined {
  const own = uplink.addresses
    .map((each) => each.split('/')[0]!)
    .filter((each) => each.includes(':') === (family === 'ipv6') && !each.startsWith('fe80:'));
  const pool = network.pools.find(({ subnet }) => subnet.includes(':') === (family === 'ipv6'));
  const inside = pool && own.find((each) => ipaddr.parse(each).match(ipaddr.parseCIDR(pool.subnet)));
  return inside ?? own[0];
}
