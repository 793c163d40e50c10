import type { Network, ObservedLink } from '#lib/domain';
import type { Placement } from '#lib/drivers';
import { formatCidr, parseAddress, type Taken } from '#lib/ipam';
import type { Surroundings } from './surroundings.js';

/** The prefixes that a network at that place may not overlap: the node's own routes and addresses, other networks. Pure. */
export function takenAround(at: Placement, { node, networks, links, routes }: Surroundings): Taken[] {
  const ours = new Set(networks.map((network) => network.linkName));
  const segment = segmentLinks(at, links);
  const counting = links.filter(
    ({ name }) => !ours.has(name) && !name.startsWith(node.names.linkPrefix) && !segment.has(name),
  );
  const names = new Set(counting.map((link) => link.name));
  const byRoutes = routes
    .filter((route) => route.link !== undefined && names.has(route.link) && counts(route.destination))
    .map((route): Taken => ({ cidr: route.destination, by: `a route by ${route.link}` }));
  return [
    ...counting.flatMap(addressesOf),
    ...byRoutes,
    ...networks.filter((network) => !apart(at, network)).flatMap(subnetsOf),
  ];
}

/** The links by which the node itself is on the network's segment: its subnet is theirs. */
function segmentLinks({ uplink }: Placement, links: readonly ObservedLink[]): Set<string | undefined> {
  const link = links.find(({ name }) => name === uplink);
  return link ? new Set([link.name, link.master]) : new Set();
}

/** Segments in different VLANs know nothing of each other: they may use the same subnets. */
function apart(at: Placement, network: Network): boolean {
  return at.uplink !== undefined && network.uplink !== undefined && at.vlan !== network.vlan;
}

function subnetsOf(network: Network): Taken[] {
  return network.pools.map((pool) => ({ cidr: pool.subnet, by: `network ${network.name}` }));
}

/** Default routes, link-local and multicast prefixes are everywhere and collide with nothing. */
function counts(destination: string): boolean {
  return !/^(0\.0\.0\.0\/0|::\/0|fe80:|ff|169\.254\.|224\.|127\.)/.test(destination) && !destination.startsWith('::1');
}

function addressesOf(link: ObservedLink): Taken[] {
  return link.addresses.filter(counts).map((text): Taken => {
    const [address = '', prefix = '32'] = text.split('/');
    const { family, value } = parseAddress(address, `address of ${link.name}`);
    const size = 1n << BigInt((family === 4 ? 32 : 128) - Number(prefix));
    return {
      cidr: formatCidr({ family, base: value - (value % size), prefix: Number(prefix) }),
      by: `link ${link.name}`,
    };
  });
}
