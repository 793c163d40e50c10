import { SkepError } from '#lib/common';
import type { Network, ObservedLink } from '#lib/domain';
import type { Host, IpLine } from '#lib/host';
import type { DriverContext, EndpointOf, KernelView } from '../driver.js';
import { mtuOf, talksInside } from '../options.js';
import { ensureInside } from './inside.js';

/** How the node's end stands in its bridge. */
export interface Port {
  bridge: string;
  /** frames to other isolated ports are dropped */
  isolated: boolean;
  /** undefined: the kernel's own choice */
  mtu?: number;
}

/** A port as the network's options ask for it. */
export function portOf(network: Network, bridge: string): Port {
  return { bridge, isolated: !talksInside(network), mtu: mtuOf(network) };
}

/** The node's end of the pair is an upright port of the bridge. */
export function vethPortReady(
  { container, network }: EndpointOf,
  bridge: string,
  { names, links }: KernelView,
): boolean {
  const veth = links.get(names.veth(container.id, network.id));
  return veth?.kind === 'veth' && veth.up && veth.master === bridge;
}

/**
 * A veth pair: the node's end is a port of the bridge, the other one is born in the container's namespace. What is there
 * already and right is left alone, so that a running container keeps its connections.
 */
export async function ensureVethPort(at: EndpointOf, port: Port, { host, names }: DriverContext): Promise<void> {
  const netns = names.netns(at.container.id);
  const veth = names.veth(at.container.id, at.network.id);
  const outer = host.links().find((link) => link.name === veth);
  const inner = host.links(netns).find((link) => link.name === at.endpoint.ifName);
  const whole = outer?.kind === 'veth' && inner?.kind === 'veth' && inner.mac === at.endpoint.mac;
  if (!whole) await removeStale(host, outer, inner && { link: inner, netns });
  if (!whole) {
    await host.ip([addPair(at, veth, netns, port)]);
    // A port of a bridge needs no address of its own, which the kernel would look for twins of and tell about.
    host.sysctl(`net/ipv6/conf/${veth}/disable_ipv6`, '1', { optional: true });
  }
  if (!whole || !outer.up || outer.master !== port.bridge) await host.ip(plug(veth, port));
  await ensureInside(at, netns, host);
}

export async function removeVethPort(
  { container, network }: EndpointOf,
  { host, names }: DriverContext,
): Promise<void> {
  const veth = names.veth(container.id, network.id);
  await removeStale(
    host,
    host.links().find((link) => link.name === veth),
  );
}

/** Either end takes the other one with it, and the kernel may be faster: the namespace may be going at this moment. */
async function removeStale(
  host: Host,
  outer: ObservedLink | undefined,
  inner?: { link: ObservedLink; netns: string },
): Promise<void> {
  const gone = (error: unknown) => {
    if (!SkepError.is(error, 'not_found')) throw error;
  };
  if (outer) await host.ip([['link', 'del', 'dev', outer.name]]).catch(gone);
  const left = inner && host.links(inner.netns).some((link) => link.name === inner.link.name);
  if (left) await host.ip([['link', 'del', 'dev', inner.link.name]], inner.netns).catch(gone);
}

function addPair({ endpoint }: EndpointOf, veth: string, netns: string, { mtu }: Port): IpLine {
  const size = mtu === undefined ? [] : ['mtu', String(mtu)];
  const peer = ['peer', 'name', endpoint.ifName, 'address', endpoint.mac, ...size, 'netns', netns];
  return ['link', 'add', 'name', veth, ...size, 'type', 'veth', ...peer];
}

function plug(veth: string, { bridge, isolated }: Port): IpLine[] {
  const apart = isolated ? [['link', 'set', 'dev', veth, 'type', 'bridge_slave', 'isolated', 'on']] : [];
  return [['link', 'set', 'dev', veth, 'master', bridge, 'up'], ...apart];
}
