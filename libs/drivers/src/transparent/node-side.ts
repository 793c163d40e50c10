import { endpointMac, type Network, type ObservedLink, type ObservedRoute } from '#lib/domain';
import type { Host, IpLine } from '#lib/host';
import type { EndpointOf } from '../driver.js';
import { linkLocal } from '../endpoint/link-local.js';
import { nodeAddressOn } from '../uplink/node-address.js';

/** How the node and a container on its uplink reach each other: by the network's own link, with a route each way. */
interface Way {
  /** destination as the kernel shows it */
  destination: string;
  link: string;
  gateway?: string;
  source?: string;
}

/** Of the node's end of the network; the same for its lifetime, so that neighbours stay right. */
export function shimMac({ id }: Pick<Network, 'id'>): string {
  return endpointMac('node', id);
}

/** The node's address there, by which containers route to it. */
export function shimLinkLocal(network: Pick<Network, 'id'>): string {
  return linkLocal(shimMac(network));
}

/**
 * The node's routes to the endpoint's addresses. The node keeps its addresses on the uplink, and answers with them. None
 * where the node has no address on the segment, and none into a VLAN: what is there is reached through its router.
 */
function waysToEndpoint({ endpoint, network }: EndpointOf, uplink: ObservedLink | undefined): Way[] {
  if (network.vlan !== undefined || !uplink) return [];
  return (['ipv4', 'ipv6'] as const).flatMap((family) => {
    const address = endpoint[family];
    const source = nodeAddressOn(network, family, uplink);
    if (address === undefined || source === undefined) return [];
    return [{ destination: `${address}/${family === 'ipv4' ? 32 : 128}`, link: network.linkName, source }];
  });
}

/**
 * The container's route to the node: for IPv6 alone. The node's IPv6 addresses are answered for by the uplink only,
 * which does not hear the containers above it; ARP has a filter for that, neighbour discovery has none.
 */
function waysToNode({ endpoint, network }: EndpointOf, uplink: ObservedLink | undefined): Way[] {
  const address = endpoint.ipv6 && uplink && network.vlan === undefined && nodeAddressOn(network, 'ipv6', uplink);
  if (!address) return [];
  return [{ destination: `${address}/128`, link: endpoint.ifName, gateway: shimLinkLocal(network) }];
}

export function nodeSideReady(
  at: EndpointOf,
  uplink: ObservedLink | undefined,
  routes: readonly ObservedRoute[],
): boolean {
  return waysToEndpoint(at, uplink).every((way) => isThere(way, routes));
}

/** The container's side of it. */
export function wayToNodeReady(
  at: EndpointOf,
  uplink: ObservedLink | undefined,
  routes: readonly ObservedRoute[],
): boolean {
  return waysToNode(at, uplink).every((way) => isThere(way, routes));
}

export async function ensureNodeSide(at: EndpointOf, netns: string, host: Host): Promise<void> {
  const uplink = host.links().find(({ name }) => name === at.network.uplink);
  const missing = (ways: Way[], within?: string) => {
    const routes = host.routes(within);
    return ways.filter((way) => !isThere(way, routes)).map(lineOf);
  };
  await host.ip(missing(waysToEndpoint(at, uplink)));
  await host.ip(missing(waysToNode(at, uplink), netns), netns);
  await knowEndpoint(at, waysToEndpoint(at, uplink), host);
}

/**
 * The node never asks for an endpoint's MAC: the question would leave by the uplink too, with the node's address and the
 * MAC of the network's link, and everybody outside would send to that, which goes with the network. What was known of
 * an address that the endpoint had before goes.
 */
async function knowEndpoint({ endpoint, network }: EndpointOf, ways: readonly Way[], host: Host): Promise<void> {
  const link = network.linkName;
  const wanted = ways.map((way) => ({ table: 'neighbour' as const, mac: endpoint.mac, to: hostOf(way.destination) }));
  if (wanted.length === 0) return;
  const known = neighboursOn(link, host);
  const remove = known.filter(({ mac, to }) => mac === endpoint.mac && !wanted.some((each) => each.to === to));
  const put = wanted.filter((each) => !known.some(({ mac, to }) => mac === each.mac && to === each.to));
  await host.forward(link, { remove, put });
  const stale = host.routes().filter((each) => each.link === link && remove.some(({ to }) => isHost(each, to)));
  await host.ip(stale.map(({ destination }) => ['route', 'del', destination, 'dev', link]));
}

const hostOf = (destination: string) => destination.split('/')[0]!;
const isHost = ({ destination }: Pick<ObservedRoute, 'destination'>, address: string) =>
  /\/(32|128)$/.test(destination) && hostOf(destination) === address;

function neighboursOn(link: string, host: Host) {
  return host.forwarding(link).flatMap((each) => (each.table === 'neighbour' ? [each] : []));
}

/** Routes to the endpoint by the network's link, whatever the node's address was when they were made. */
export async function removeNodeSide({ endpoint, network }: EndpointOf, host: Host): Promise<void> {
  const { linkName } = network;
  const own = new Set([`${endpoint.ipv4}/32`, `${endpoint.ipv6}/128`]);
  const stale = host.routes().filter(({ destination, link }) => link === linkName && own.has(destination));
  await host.ip(stale.map(({ destination }) => ['route', 'del', destination, 'dev', linkName]));
  const known = neighboursOn(linkName, host).filter(({ mac }) => mac === endpoint.mac);
  if (known.length > 0) await host.forward(linkName, { remove: known, put: [] });
}

function isThere(way: Way, routes: readonly ObservedRoute[]): boolean {
  return routes.some(
    (each) =>
      each.destination === way.destination &&
      each.link === way.link &&
      each.gateway === way.gateway &&
      each.source === way.source,
  );
}

function lineOf({ destination, link, gateway, source }: Way): IpLine {
  const via = gateway === undefined ? [] : ['via', gateway];
  return ['route', 'replace', destination, ...via, 'dev', link, ...(source === undefined ? [] : ['src', source])];
}
