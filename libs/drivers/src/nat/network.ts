import { conflict } from '#lib/common';
import { endpointMac, gatewayMac, type Network } from '#lib/domain';
import type { Host } from '#lib/host';
import type { KernelView } from '../driver.js';
import { mtuOf } from '../options.js';

/** The bridge's own addresses: the gateways with the prefix lengths of their subnets. */
export function gatewaysOf(network: Network): string[] {
  return network.pools.map((pool) => `${pool.gateway}/${pool.subnet.split('/')[1]}`);
}

export function networkReady(network: Network, { links }: KernelView): boolean {
  const bridge = links.get(network.linkName);
  return bridge?.kind === 'bridge' && bridge.up && gatewaysOf(network).every((each) => bridge.addresses.includes(each));
}

/** @param mtu undefined: the kernel's own choice */
export async function ensureNetwork(network: Network, host: Host, mtu = mtuOf(network)): Promise<void> {
  const { linkName: name } = network;
  const bridge = host.links().find((link) => link.name === name);
  if (bridge && bridge.kind !== 'bridge') {
    throw conflict(
      `network ${network.name}: the link ${name} exists and is no bridge (${bridge.kind || 'a physical link'})`,
    );
  }
  const missing = gatewaysOf(network).filter((each) => !bridge?.addresses.includes(each));
  await host.ip([
    ...(bridge ? [] : [addBridge(network, mtu)]),
    ...missing.filter((each) => !isV6(each)).map((each) => ['addr', 'replace', each, 'dev', name]),
    ...(bridge?.up ? [] : [['link', 'set', 'dev', name, 'up']]),
  ]);
  const wantsV6 = network.pools.some((pool) => isV6(pool.subnet));
  setSysctls(host, name, wantsV6);
  // Only now: a node may have IPv6 switched off for new links.
  await host.ip(missing.filter(isV6).map((each) => ['addr', 'replace', each, 'dev', name, 'nodad']));
}

/** A bridge without a MAC of its own takes that of a port and changes it as ports come and go. */
function addBridge(network: Network, mtu: number | undefined): string[] {
  const mac = bridgeMac(network);
  const size = mtu === undefined ? [] : ['mtu', String(mtu)];
  return ['link', 'add', 'name', network.linkName, 'address', mac, ...size, 'type', 'bridge'];
}

function bridgeMac({ id, overlay, pools }: Network): string {
  const own = overlay?.ingress && pools.find(({ subnet }) => !isV6(subnet));
  return own ? gatewayMac(own.gateway) : endpointMac('bridge', id);
}

export async function removeNetwork(network: Network, host: Host): Promise<void> {
  const bridge = host.links().find((link) => link.name === network.linkName);
  if (bridge?.kind === 'bridge') await host.ip([['link', 'del', 'dev', network.linkName]]);
}

function setSysctls(host: Host, bridge: string, wantsV6: boolean): void {
  // Answers of containers to 127.0.0.1 (published ports) come back over the bridge; the rules guard the rest.
  host.sysctl(`net/ipv4/conf/${bridge}/route_localnet`, '1');
  host.sysctl('net/ipv4/ip_forward', '1');
  // 1 sends bridged frames through the rules for routed packets and so breaks a container's way to itself.
  host.sysctl('net/bridge/bridge-nf-call-iptables', '0', { optional: true });
  host.sysctl(`net/ipv6/conf/${bridge}/disable_ipv6`, wantsV6 ? '0' : '1', { optional: true });
  host.sysctl(`net/ipv6/conf/${bridge}/accept_ra`, '0', { optional: true });
  if (!wantsV6) return;
  host.sysctl('net/bridge/bridge-nf-call-ip6tables', '0', { optional: true });
  keepRouterAdvertisements(host);
  host.sysctl('net/ipv6/conf/all/forwarding', '1');
}

/** A link that forwards ignores router advertisements unless accept_ra is 2: the node would lose its default route. */
function keepRouterAdvertisements(host: Host): void {
  if (host.readSysctl('net/ipv6/conf/all/forwarding') === '1') return;
  for (const { name } of host.links()) {
    const path = `net/ipv6/conf/${name}/accept_ra`;
    if (name !== 'lo' && host.readSysctl(path) === '1') host.sysctl(path, '2');
  }
}

const isV6 = (address: string) => address.includes(':');
