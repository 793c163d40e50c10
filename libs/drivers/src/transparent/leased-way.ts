import ipaddr from 'ipaddr.js';
import type { ObservedLink } from '#lib/domain';
import type { KernelView } from '../driver.js';

/** What the node is and whom it relies on. */
export type NodeFacts = Pick<KernelView, 'links' | 'routes'> & { dhcp: Pick<KernelView['dhcp'], 'nameServers'> };

/**
 * May the node's own traffic to an address go to a container because a DHCP server gave it that address? Whoever answers
 * first on a segment is the server, a container too, and may name any address: only one of the segment leads there, and
 * none that is the node's own or that it asks for ways and names. Pure.
 */
export function leadsToLease(address: string, uplink: ObservedLink, { links, routes, dhcp }: NodeFacts): boolean {
  const at = ipaddr.IPv4.parse(address);
  const within = uplink.addresses.some((each) => !each.includes(':') && at.match(ipaddr.IPv4.parseCIDR(each)));
  const own = () =>
    [...links.values()].some(({ addresses }) => addresses.some((each) => each.startsWith(`${address}/`)));
  const gateway = () => routes().some((each) => each.gateway === address);
  return within && !own() && !gateway() && !dhcp.nameServers().includes(address);
}
