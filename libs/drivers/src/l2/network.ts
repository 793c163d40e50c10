import { conflict } from '#lib/common';
import { endpointMac, type Network, type ObservedLink } from '#lib/domain';
import type { Host, IpLine } from '#lib/host';
import type { DriverContext, KernelView } from '../driver.js';
import { mtuOf } from '../options.js';
import { missingUplink } from '../uplink/missing-uplink.js';
import { silence } from '../uplink/silence.js';
import { ensureVlan, removeVlan, vlanReady } from '../uplink/vlan/vlan-link.js';
import { addCable, addEar, cableOf, cableReady, earReady, handOver, plugCable, type Cable } from './cable.js';

export function networkReady(network: Network, view: KernelView): boolean {
  const { names, links } = view;
  const bridge = links.get(network.linkName);
  const cable = cableOf(network, names);
  return (
    bridge?.kind === 'bridge' &&
    bridge.up &&
    vlanReady(network, view) &&
    (!cable ||
      (links.get(cable.uplink)?.up === true && cableReady(cable, network.linkName, links) && earReady(cable, links)))
  );
}

/**
 * The bridge, and the cable between it and the uplink. The uplink keeps its addresses, routes and everything else; one
 * that is down is set up.
 */
export async function ensureNetwork(network: Network, context: DriverContext): Promise<void> {
  const { host, names } = context;
  await ensureVlan(network, context);
  const links = linksOf(host);
  const cable = cableOf(network, names);
  const uplink = cable && links.get(cable.uplink);
  if (cable && !uplink) throw missingUplink(network, links);
  await ensureBridge(network, links.get(network.linkName), mtuFor(network, uplink), host);
  if (!cable || !uplink) return;
  if (!uplink.up) await host.ip([['link', 'set', 'dev', uplink.name, 'up']]);
  if (!cableReady(cable, network.linkName, links)) await layCable(network, cable, uplink, host);
  if (!earReady(cable, links)) await openEar(cable, host);
}

export async function removeNetwork(network: Network, context: DriverContext): Promise<void> {
  const { host, names } = context;
  const links = linksOf(host);
  const cable = cableOf(network, names);
  const bridge = links.get(network.linkName)?.kind === 'bridge' ? [network.linkName] : [];
  await host.ip(deletions([...(cable ? [cable.ear, cable.port] : []), ...bridge], links));
  await removeVlan(network, context);
}

/** The uplink's own MTU where the network names none. */
export function mtuFor(network: Network, uplink: ObservedLink | undefined): number | undefined {
  return mtuOf(network) ?? uplink?.mtu;
}

async function ensureBridge(
  { id, name, linkName }: Network,
  bridge: ObservedLink | undefined,
  mtu: number | undefined,
  host: Host,
): Promise<void> {
  if (bridge && bridge.kind !== 'bridge') {
    throw conflict(
      `network ${name}: the link ${linkName} exists and is no bridge (${bridge.kind || 'a physical link'})`,
    );
  }
  if (!bridge) {
    const size = mtu === undefined ? [] : ['mtu', String(mtu)];
    const mac = endpointMac('bridge', id);
    // Without snooping, groups need no querier: multicast reaches every port.
    await host.ip([
      ['link', 'add', 'name', linkName, 'address', mac, ...size, 'type', 'bridge', 'mcast_snooping', '0'],
    ]);
  }
  silence(host, linkName);
  host.sysctl('net/bridge/bridge-nf-call-iptables', '0', { optional: true });
  host.sysctl('net/bridge/bridge-nf-call-ip6tables', '0', { optional: true });
  if (!bridge?.up) await host.ip([['link', 'set', 'dev', linkName, 'up']]);
}

async function layCable(network: Network, cable: Cable, uplink: ObservedLink, host: Host): Promise<void> {
  await host.ip([...deletions([cable.port], linksOf(host)), ...addCable(cable, uplink, mtuFor(network, uplink)!)]);
  for (const end of [cable.port, cable.wire]) silence(host, end);
  // Tunnelled frames reach the node by the wire as well.
  if (network.driver !== 'l2tunnel') await host.tc(handOver(cable, uplink));
  await host.ip(plugCable(cable, network.linkName));
}

async function openEar(cable: Cable, host: Host): Promise<void> {
  await host.ip([...deletions([cable.ear], linksOf(host)), ...addEar(cable)]);
  silence(host, cable.ear);
  await host.ip([['link', 'set', 'dev', cable.ear, 'up']]);
}

function deletions(names: readonly string[], links: KernelView['links']): IpLine[] {
  return names.filter((name) => links.has(name)).map((name) => ['link', 'del', 'dev', name]);
}

function linksOf(host: Host): KernelView['links'] {
  return new Map(host.links().map((link) => [link.name, link]));
}
