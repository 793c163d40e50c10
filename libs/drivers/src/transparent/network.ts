import { conflict } from '#lib/common';
import { endpointMac, type Network, type NodeNames, type ObservedLink } from '#lib/domain';
import type { Host } from '#lib/host';
import type { DriverContext, KernelView } from '../driver.js';
import { mtuOf } from '../options.js';
import { missingUplink } from '../uplink/missing-uplink.js';
import { ensureVlan, removeVlan, vlanReady } from '../uplink/vlan/vlan-link.js';
import { carrierOf } from './carrier.js';
import { shimLinkLocal, shimMac } from './node-side.js';

export function networkReady(network: Network, view: KernelView): boolean {
  const { names, links } = view;
  if (!vlanReady(network, view)) return false;
  const carrier = carrierOf(network, names, links);
  if (carrier.kind === 'bridge') return links.get(carrier.name)?.up === true;
  const shim = links.get(network.linkName);
  return shim?.kind === 'macvlan' && shim.up && carrier.link?.up === true && shim.parent === carrier.link.index;
}

/**
 * The network's own link: a macvlan by which the node reaches its containers, because macvlans do not talk to the link
 * below them; for an internal network a bridge without a way out. A bridge of somebody else needs nothing.
 */
export async function ensureNetwork(network: Network, context: DriverContext): Promise<void> {
  const { host, names } = context;
  await ensureVlan(network, context);
  const links = new Map(host.links().map((link) => [link.name, link]));
  const carrier = carrierOf(network, names, links);
  if (carrier.kind === 'macvlan') return ensureShim(network, names, links, host);
  if (carrier.ours) return ensureBridge(network, links.get(network.linkName), host);
  // The uplink was no bridge before.
  if (links.get(network.linkName)?.kind === 'macvlan') await host.ip([['link', 'del', 'dev', network.linkName]]);
  if (!links.get(carrier.name)?.up) await host.ip([['link', 'set', 'dev', carrier.name, 'up']]);
}

export async function removeNetwork(network: Network, context: DriverContext): Promise<void> {
  const { host } = context;
  const link = host.links().find(({ name }) => name === network.linkName);
  if (link?.kind === (network.uplink === undefined ? 'bridge' : 'macvlan')) {
    await host.ip([['link', 'del', 'dev', network.linkName]]);
  }
  await removeVlan(network, context);
}

async function ensureShim(
  network: Network,
  names: NodeNames,
  links: ReadonlyMap<string, ObservedLink>,
  host: Host,
): Promise<void> {
  const { linkName: name } = network;
  const below = carrierOf(network, names, links);
  if (below.kind !== 'macvlan' || !below.link) throw missingUplink(network, links);
  const found = links.get(name);
  refuseOther(network, found, 'macvlan');
  const right = found?.parent === below.link.index;
  if (found && !right) await host.ip([['link', 'del', 'dev', name]]);
  await host.ip([
    ...(below.link.up ? [] : [['link', 'set', 'dev', below.name, 'up']]),
    ...(right ? [] : [addShim(network, below.name)]),
  ]);
  // Others ask for the node's addresses too; only those who are reached by this link get its MAC for an answer.
  host.sysctl(`net/ipv4/conf/${name}/arp_filter`, '1');
  host.sysctl(`net/ipv6/conf/${name}/accept_ra`, '0', { optional: true });
  // The address follows from the MAC, which is the network's own.
  host.sysctl(`net/ipv6/conf/${name}/accept_dad`, '0', { optional: true });
  const v6 = network.enableIPv6 && network.vlan === undefined;
  host.sysctl(`net/ipv6/conf/${name}/disable_ipv6`, v6 ? '0' : '1', { optional: true });
  await host.ip([
    ...(right && found?.up ? [] : [['link', 'set', 'dev', name, 'up']]),
    ...(v6 ? [['addr', 'replace', `${shimLinkLocal(network)}/64`, 'dev', name, 'nodad']] : []),
  ]);
}

function addShim(network: Network, below: string): string[] {
  const kind = ['type', 'macvlan', 'mode', 'bridge'];
  return [
    'link',
    'add',
    'link',
    below,
    'name',
    network.linkName,
    'address',
    shimMac(network),
    ...mtu(network),
    ...kind,
  ];
}

async function ensureBridge(network: Network, found: ObservedLink | undefined, host: Host): Promise<void> {
  const { linkName: name } = network;
  refuseOther(network, found, 'bridge');
  const address = ['address', endpointMac('bridge', network.id)];
  if (!found) await host.ip([['link', 'add', 'name', name, ...address, ...mtu(network), 'type', 'bridge']]);
  // The node has no address there: it is not part of an internal network.
  host.sysctl(`net/ipv6/conf/${name}/disable_ipv6`, '1', { optional: true });
  if (!found?.up) await host.ip([['link', 'set', 'dev', name, 'up']]);
}

function refuseOther({ name, linkName }: Network, found: ObservedLink | undefined, kind: string): void {
  if (!found || found.kind === kind) return;
  throw conflict(`network ${name}: the link ${linkName} exists and is no ${kind} (${found.kind || 'a physical link'})`);
}

const mtu = (network: Network) => {
  const size = mtuOf(network);
  return size === undefined ? [] : ['mtu', String(size)];
};
