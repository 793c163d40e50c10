import ipaddr from 'ipaddr.js';
import type { Network, ObservedLink } from '#lib/domain';
import { isBehindNode } from '../options.js';

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

/**
 * Where the network's containers reach their node: at the gateway where they are behind it, else on their segment, by IPv4
 * where they have it. Undefined: nowhere.
 * @param uplink the network's; undefined: it has none, or it is gone
 */
export function nodeSeenFrom(
  network: Pick<Network, 'driver' | 'pools' | 'enableIPv4'>,
  uplink: ObservedLink | undefined,
): string | undefined {
  if (isBehindNode(network)) return network.pools[0]?.gateway;
  return uplink && nodeAddressOn(network, network.enableIPv4 ? 'ipv4' : 'ipv6', uplink);
}
