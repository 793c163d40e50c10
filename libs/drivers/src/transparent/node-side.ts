import { endpointMac, type Network, type ObservedLink, type ObservedRoute } from '#lib/domain';
import type { Host, IpLine } from '#lib/host';
import type { DriverContext, EndpointOf, KernelView } from '../driver.js';
import { linkLocal } from '../endpoint/link-local.js';
import { kernelView } from '../kernel-view.js';
import { nodeAddressOn } from '../uplink/node-address.js';
import { leadsToLease, type NodeFacts } from './leased-way.js';

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
 * where the node has no address on the segment, and none into a VLAN: what is there is reached through its router. Nor to
 * an address that a DHCP server had better not have given (`leadsToLease`).
 */
function waysToEndpoint({ endpoint, network }: EndpointOf, uplink: ObservedLink | undefined, node: NodeFacts): Way[] {
  if (network.vlan !== undefined || !uplink) return [];
  return (['ipv4', 'ipv6'] as const).flatMap((family) => {
    const address = endpoint[family];
    const source = nodeAddressOn(network, family, uplink);
    if (address === undefined || source === undefined) return [];
    if (family === 'ipv4' && endpoint.lease && !leadsToLease(address, uplink, node)) return [];
    return [{ destination: `${address}/${family === 'ipv4' ? 32 : 128}`, link: network.linkName, source }];
  });
}

/**
 * The container's routes to the node: for IPv6 alone, to each address of the uplink, as the node may be known by any. They
 * are answered for by the uplink only, which does not hear the containers above it; ARP has a filter for that, neighbour
 * discovery has none.
 */
function waysToNode({ endpoint, network }: EndpointOf, uplink: ObservedLink | undefined): Way[] {
  if (endpoint.ipv6 === undefined || !uplink || network.vlan !== undefined) return [];
  const gateway = shimLinkLocal(network);
  return uplink.addresses
    .filter((each) => each.includes(':') && !each.startsWith('fe80:'))
    .map((each) => ({ destination: `${hostOf(each)}/128`, link: endpoint.ifName, gateway }));
}

/** The container's routes to addresses that the node has no more. */
function staleWaysToNode(
  { endpoint, network }: EndpointOf,
  ways: readonly Way[],
  routes: readonly ObservedRoute[],
): ObservedRoute[] {
  const gateway = shimLinkLocal(network);
  return routes
    .filter((each) => each.link === endpoint.ifName && each.gateway === gateway && each.destination.endsWith('/128'))
    .filter(({ destination }) => !ways.some((way) => way.destination === destination));
}

export function nodeSideReady(at: EndpointOf, view: KernelView): boolean {
  const ways = waysToEndpoint(at, view.links.get(at.network.uplink ?? ''), view);
  const routes = view.routes();
  return ways.every((way) => isThere(way, routes)) && staleRoutes(at, ways, routes).length === 0;
}

/** Routes to addresses of the endpoint to which there is to be none. */
function staleRoutes(
  { endpoint, network }: EndpointOf,
  ways: readonly Way[],
  routes: readonly ObservedRoute[],
): ObservedRoute[] {
  const own = [`${endpoint.ipv4}/32`, `${endpoint.ipv6}/128`];
  return routes
    .filter(({ destination, link }) => link === network.linkName && own.includes(destination))
    .filter(({ destination }) => !ways.some((way) => way.destination === destination));
}

/** The container's side of it. */
export function wayToNodeReady(
  at: EndpointOf,
  uplink: ObservedLink | undefined,
  routes: readonly ObservedRoute[],
): boolean {
  const ways = waysToNode(at, uplink);
  return ways.every((way) => isThere(way, routes)) && staleWaysToNode(at, ways, routes).length === 0;
}

export async function ensureNodeSide(at: EndpointOf, netns: string, context: DriverContext): Promise<void> {
  const { host } = context;
  const view = kernelView(context);
  const uplink = view.links.get(at.network.uplink ?? '');
  const ways = waysToEndpoint(at, uplink, view);
  const missing = (wanted: Way[], routes: readonly ObservedRoute[]) =>
    wanted.filter((way) => !isThere(way, routes)).map(lineOf);
  await host.ip(missing(ways, view.routes()));
  const [toNode, inside] = [waysToNode(at, uplink), host.routes(netns)];
  const stale = staleWaysToNode(at, toNode, inside);
  await host.ip(
    [
      ...missing(toNode, inside),
      ...stale.map(({ destination }) => ['route', 'del', destination, 'dev', at.endpoint.ifName]),
    ],
    netns,
  );
  if (uplink && at.network.vlan === undefined) await knowEndpoint(at, ways, host);
}

/**
 * The node never asks for an endpoint's MAC: the question would leave by the uplink too, with the node's address and the
 * MAC of the network's link, and everybody outside would send to that, which goes with the network. What was known of
 * an address that the endpoint had before goes.
 */
async function knowEndpoint(at: EndpointOf, ways: readonly Way[], host: Host): Promise<void> {
  const { endpoint, network } = at;
  const link = network.linkName;
  const wanted = ways.map((way) => ({ table: 'neighbour' as const, mac: endpoint.mac, to: hostOf(way.destination) }));
  const known = neighboursOn(link, host);
  const remove = known.filter(({ mac, to }) => mac === endpoint.mac && !wanted.some((each) => each.to === to));
  const put = wanted.filter((each) => !known.some(({ mac, to }) => mac === each.mac && to === each.to));
  if (remove.length + put.length > 0) await host.forward(link, { remove, put });
  const routes = host.routes();
  const earlier = routes.filter((each) => each.link === link && remove.some(({ to }) => isHost(each, to)));
  const stale = new Set([...earlier, ...staleRoutes(at, ways, routes)]);
  await host.ip([...stale].map(({ destination }) => ['route', 'del', destination, 'dev', link]));
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
