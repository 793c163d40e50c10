import { unavailable } from '#lib/common';
import { usesDhcp, type ObservedLink } from '#lib/domain';
import type { Host } from '#lib/host';
import { ensureInside, insideReady as addressed } from '../endpoint/inside.js';
import { forgetNeighbour } from '../endpoint/neighbours.js';
import { ensureVethPort, portOf, removeVethPort, vethPortReady } from '../endpoint/veth-port.js';
import type { DriverContext, EndpointOf, KernelView } from '../driver.js';
import { mtuOf } from '../options.js';
import { carrierOf } from './carrier.js';
import { ensureNodeSide, nodeSideReady, removeNodeSide, wayToNodeReady } from './node-side.js';

export function endpointReady(at: EndpointOf, view: KernelView): boolean {
  const { container, endpoint, network } = at;
  if (usesDhcp(network) && !(endpoint.lease && view.dhcp.alive(container.id, network.id))) return false;
  const carrier = carrierOf(network, view.names, view.links);
  if (carrier.kind === 'bridge') return vethPortReady(at, carrier.name, view);
  const inner = view.inside(container.id)?.links.get(endpoint.ifName);
  return inner !== undefined && isMacvlanOn(at, inner, carrier.link) && nodeSideReady(at, view);
}

export function insideReady(at: EndpointOf, view: KernelView): boolean {
  const { container, network } = at;
  if (!addressed(at, view)) return false;
  if (carrierOf(network, view.names, view.links).kind === 'bridge') return true;
  return wayToNodeReady(at, view.links.get(network.uplink ?? ''), view.inside(container.id)?.routes ?? []);
}

/**
 * A macvlan on the network's carrier, born in the container's namespace; where the carrier is a bridge, a veth pair on it.
 * What is there already and right is left alone. An address that no subnet gives is the segment's DHCP server's to give.
 */
export async function ensureEndpoint(at: EndpointOf, context: DriverContext): Promise<void> {
  const { host, names, dhcp } = context;
  const netns = names.netns(at.container.id);
  const carrier = carrierOf(at.network, names, new Map(host.links().map((link) => [link.name, link])));
  const before = innerOf(at, netns, host);
  const kept = granted(at, before?.kind === 'veth' ? before : undefined, dhcp);
  if (carrier.kind === 'bridge') await ensureVethPort(kept, portOf(at.network, carrier.name), context);
  else await ensureMacvlan(at, carrier.name, carrier.link, netns, host);
  let leased = at;
  if (usesDhcp(at.network)) {
    const inner = innerOf(at, netns, host);
    if (inner?.index !== before?.index) await dhcp.drop(at);
    await ensureInside(granted(at, inner, dhcp), netns, host);
    leased = { ...at, endpoint: { ...at.endpoint, ...(await dhcp.obtain(at, carrier.name)) } };
  }
  await ensureInside(leased, netns, host);
  if (carrier.kind === 'macvlan') await ensureNodeSide(leased, netns, context);
}

/**
 * The endpoint as it may show itself before a DHCP server has answered. The row remembers an address over a reboot; the
 * server may have given it to somebody else since, so it is claimed only where a client holds it, or where it is on the
 * link already.
 */
function granted(at: EndpointOf, inner: ObservedLink | undefined, dhcp: DriverContext['dhcp']): EndpointOf {
  if (!usesDhcp(at.network)) return at;
  const { ipv4, lease: _lease, ...rest } = at.endpoint;
  const isThere = inner?.addresses.some((each) => each.startsWith(`${ipv4}/`)) === true;
  return isThere || (inner !== undefined && dhcp.holds(at)) ? at : { ...at, endpoint: rest };
}

async function ensureMacvlan(
  at: EndpointOf,
  below: string,
  link: ObservedLink | undefined,
  netns: string,
  host: Host,
): Promise<void> {
  if (!link) throw unavailable(`network ${at.network.name}: the link ${below} is not there`);
  const inner = innerOf(at, netns, host);
  if (inner && isMacvlanOn(at, inner, link)) return;
  if (inner) await host.ip([['link', 'del', 'dev', inner.name]], netns);
  await host.ip([addMacvlan(at, below, netns)]);
}

const innerOf = ({ endpoint }: EndpointOf, netns: string, host: Host) =>
  host.links(netns).find(({ name }) => name === endpoint.ifName);

/** The link inside goes with its namespace; what is on the node goes here. */
export async function removeEndpoint(at: EndpointOf, context: DriverContext): Promise<void> {
  const { host, names, dhcp } = context;
  if (usesDhcp(at.network)) await dhcp.release(at);
  await removeVethPort(at, context);
  await removeNodeSide(at, host);
  const links = new Map(host.links().map((link) => [link.name, link]));
  const carrier = carrierOf(at.network, names, links);
  if (carrier.kind === 'bridge' && links.has(carrier.name)) await forgetNeighbour(at.endpoint, carrier.name, host);
  const netns = names.netns(at.container.id);
  if (!host.listNetns(netns).includes(netns)) return;
  // What is left is left again at each look at the namespace, and what was joined since may have the same name.
  const inner = innerOf(at, netns, host);
  if (inner?.kind === 'macvlan' && inner.mac === at.endpoint.mac)
    await host.ip([['link', 'del', 'dev', inner.name]], netns);
}

function isMacvlanOn({ endpoint }: EndpointOf, link: ObservedLink, below: ObservedLink | undefined): boolean {
  return link.kind === 'macvlan' && link.mac === endpoint.mac && link.parent === below?.index;
}

function addMacvlan({ endpoint, network }: EndpointOf, below: string, netns: string): string[] {
  const mtu = mtuOf(network);
  const size = mtu === undefined ? [] : ['mtu', String(mtu)];
  const own = ['name', endpoint.ifName, 'address', endpoint.mac, ...size, 'netns', netns];
  return ['link', 'add', 'link', below, ...own, 'type', 'macvlan', 'mode', 'bridge'];
}
