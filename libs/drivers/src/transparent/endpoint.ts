import { unavailable } from '#lib/common';
import type { ObservedLink } from '#lib/domain';
import { ensureInside } from '../endpoint/inside.js';
import { ensureVethPort, portOf, removeVethPort, vethPortReady } from '../endpoint/veth-port.js';
import type { DriverContext, EndpointOf, KernelView } from '../driver.js';
import { mtuOf } from '../options.js';
import { carrierOf } from './carrier.js';
import { ensureNodeSide, nodeSideReady, removeNodeSide } from './node-side.js';

export function endpointReady(at: EndpointOf, view: KernelView): boolean {
  const carrier = carrierOf(at.network, view.names, view.links);
  if (carrier.kind === 'bridge') return vethPortReady(at, carrier.bridge, view);
  const inner = view.inside(at.container.id)?.get(at.endpoint.ifName);
  return (
    inner?.up === true &&
    isMacvlanOn(at, inner, carrier.link) &&
    nodeSideReady(at, view.links.get(at.network.uplink ?? ''), view.routes())
  );
}

/**
 * A macvlan on the network's carrier, born in the container's namespace; where the carrier is a bridge, a veth pair on it.
 * What is there already and right is left alone.
 */
export async function ensureEndpoint(at: EndpointOf, context: DriverContext): Promise<void> {
  const { host, names } = context;
  const netns = names.netns(at.container.id);
  const carrier = carrierOf(at.network, names, new Map(host.links().map((link) => [link.name, link])));
  if (carrier.kind === 'bridge') return ensureVethPort(at, portOf(at.network, carrier.bridge), context);
  if (!carrier.link) throw unavailable(`network ${at.network.name}: the link ${carrier.name} is not there`);
  const inner = host.links(netns).find(({ name }) => name === at.endpoint.ifName);
  if (!inner || !isMacvlanOn(at, inner, carrier.link)) {
    if (inner) await host.ip([['link', 'del', 'dev', inner.name]], netns);
    await host.ip([addMacvlan(at, carrier.name, netns)]);
  }
  await ensureInside(at, netns, host);
  await ensureNodeSide(at, netns, host);
}

/** The link inside goes with its namespace; what is on the node goes here. */
export async function removeEndpoint(at: EndpointOf, context: DriverContext): Promise<void> {
  const { host, names } = context;
  await removeVethPort(at, context);
  await removeNodeSide(at, host);
  const netns = names.netns(at.container.id);
  if (!host.listNetns(netns).includes(netns)) return;
  const inner = host.links(netns).find(({ name, kind }) => name === at.endpoint.ifName && kind === 'macvlan');
  if (inner) await host.ip([['link', 'del', 'dev', inner.name]], netns);
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
