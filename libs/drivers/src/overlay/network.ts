import { conflict, internal, unavailable } from '#lib/common';
import type { Network, NodeNames, ObservedLink } from '#lib/domain';
import type { Host } from '#lib/host';
import type { DriverContext, KernelView } from '../driver.js';
import * as bridges from '../nat/network.js';
import { mtuOf } from '../options.js';
import { silence } from '../uplink/silence.js';
import { forwardingChange, forwardingOf } from './forwarding.js';

/** What VXLAN puts around a frame, by the family that carries it (RFC 7348, section 5): outer headers and inner Ethernet. */
const OVERHEAD = { ipv4: 50, ipv6: 70 } as const;

/** The network's VXLAN device, a port of its bridge. */
export function tunnelOf(network: Network, names: NodeNames): string {
  return names.ofNetwork('x', network.id);
}

/** The links are there. Whether the entries are, the caller knows: it notes which peers it ensured last. */
export function networkReady(network: Network, view: KernelView): boolean {
  const tunnel = view.links.get(tunnelOf(network, view.names));
  const whole = tunnel?.kind === 'vxlan' && tunnel.up && tunnel.master === network.linkName;
  return whole && bridges.networkReady(network, view);
}

/**
 * A bridge with the gateway's addresses, the same on every node, and a VXLAN device that neither learns nor floods: it
 * answers for the addresses of peers itself and drops every other broadcast, so nobody hears of another node's gateway.
 */
export async function ensureNetwork(network: Network, { host, names }: DriverContext): Promise<void> {
  const tunnel = tunnelOf(network, names);
  const mtu = mtuFor(network, host.links());
  await bridges.ensureNetwork(network, host, mtu);
  await ensureDevice(network, { host, names }, mtu);
  await host.forward(tunnel, forwardingChange(host.forwarding(tunnel), forwardingOf(overlayOf(network).peers)));
}

/** Are the entries there, and no others? One listing, however many there are. */
export function entriesReady(
  network: Network,
  { host, names }: { host: Pick<Host, 'forwarding'>; names: NodeNames },
): boolean {
  const known = host.forwarding(tunnelOf(network, names));
  const { remove, put } = forwardingChange(known, forwardingOf(overlayOf(network).peers));
  return remove.length === 0 && put.length === 0;
}

export async function removeNetwork(network: Network, { host, names }: DriverContext): Promise<void> {
  const tunnel = tunnelOf(network, names);
  if (linkOf(tunnel, host)) await host.ip([['link', 'del', 'dev', tunnel]]);
  await bridges.removeNetwork(network, host);
}

/**
 * An encrypted network's device is bound to the WireGuard device, which must be there: the kernel sends its frames by no
 * other link, and takes it away with that one.
 */
async function ensureDevice(
  network: Network,
  { host, names }: Pick<DriverContext, 'host' | 'names'>,
  mtu: number,
): Promise<void> {
  const { vni, port, local, encryption } = overlayOf(network);
  const tunnel = tunnelOf(network, names);
  const there = linkOf(tunnel, host);
  if (there && there.kind !== 'vxlan') {
    throw conflict(
      `network ${network.name}: the link ${tunnel} exists and is no VXLAN (${there.kind || 'a physical link'})`,
    );
  }
  const way = encryption ? ['dev', names.tunnel] : [];
  const place = ['id', String(vni), 'local', local, ...way, 'dstport', String(port)];
  const vxlan = ['type', 'vxlan', ...place, 'nolearning', 'proxy'];
  if (!there) await host.ip([['link', 'add', 'name', tunnel, 'mtu', String(mtu), ...vxlan]]);
  silence(
    host,
    tunnel,
    network.pools.some(({ subnet }) => subnet.includes(':')),
  );
  if (there?.up && there.master === network.linkName) return;
  await host.ip([
    ['link', 'set', 'dev', tunnel, 'master', network.linkName],
    ['link', 'set', 'dev', tunnel, 'type', 'bridge_slave', 'learning', 'off'],
    ['link', 'set', 'dev', tunnel, 'up'],
  ]);
}

/** The MTU asked for, or what is left of that of the link with this node's data address. */
function mtuFor(network: Network, links: readonly ObservedLink[]): number {
  const { local, encryption } = overlayOf(network);
  const underlay = links.find((link) => link.addresses.some((each) => each.split('/')[0] === local));
  if (!underlay && encryption) {
    throw unavailable(`network ${network.name} is encrypted, and this node has no WireGuard device with ${local}`);
  }
  if (!underlay) {
    throw unavailable(
      `network ${network.name}: no link of this node has its data path address ${local} (docker swarm init or join, --data-path-addr)`,
    );
  }
  return mtuOf(network) ?? underlay.mtu - OVERHEAD[local.includes(':') ? 'ipv6' : 'ipv4'];
}

function overlayOf({ name, overlay }: Network): NonNullable<Network['overlay']> {
  if (overlay) return overlay;
  throw internal(`network ${name}: an overlay network without its place in the cluster`);
}

function linkOf(name: string, host: Host): ObservedLink | undefined {
  return host.links().find((link) => link.name === name);
}
