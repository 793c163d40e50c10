import type { Network, ObservedLink } from '#lib/domain';
import type { Placement } from '#lib/drivers';
import { formatCidr, parseAddress, type Taken } from '#lib/ipam';
import type { Surroundings } from './surroundings.js';

/**
 * The prefixes that a network at that place may not overlap. One with subnets of its own: the node's routes and
 * addresses, and other networks. One on a physical segment has the segment's subnet, whatever the node knows by other
 * links, and shares it with segments on other interfaces and VLANs; only what this node routes itself is in its way. Pure.
 */
export function takenAround(at: Placement, { node, networks, replaced, links, routes }: Surroundings): Taken[] {
  const staying = networks.filter(({ id }) => !replaced?.has(id));
  if (at.subnets === 'segment') return staying.filter(({ uplink }) => uplink === undefined).flatMap(subnetsOf);
  const ours = new Set(networks.map((network) => network.linkName));
  const counting = links.filter(({ name }) => !ours.has(name) && !name.startsWith(node.names.linkPrefix));
  const names = new Set(counting.map((link) => link.name));
  const byRoutes = routes
    .filter((route) => route.link !== undefined && names.has(route.link) && counts(route.destination))
    .map((route): Taken => ({ cidr: route.destination, by: `a route by ${route.link}` }));
  return [...counting.flatMap(addressesOf), ...byRoutes, ...staying.flatMap(subnetsOf)];
}

function subnetsOf(network: Network): Taken[] {
  return network.pools.map((pool) => ({ cidr: pool.subnet, by: `network ${network.name}` }));
}

/**
 * Default routes, link-local and multicast prefixes are everywhere and collide with nothing. A VPN for everything has its
 * default route in two halves, so that it goes before the one that is there.
 */
function counts(destination: string): boolean {
  if (/\/[01]$/.test(destination)) return false;
  return !/^(fe80:|ff|169\.254\.|224\.|127\.)/.test(destination) && !destination.startsWith('::1');
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
