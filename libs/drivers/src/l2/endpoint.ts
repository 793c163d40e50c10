import { invalid } from '#lib/common';
import type { Network, ObservedLink } from '#lib/domain';
import type { DriverContext, EndpointOf, KernelView } from '../driver.js';
import { forgetNeighbour } from '../endpoint/neighbours.js';
import { ensureVethPort, removeVethPort, vethPortReady, type Port } from '../endpoint/veth-port.js';
import { talksInside } from '../options.js';
import { cableOf } from './cable.js';
import { neutralMac } from './mac.js';
import { mtuFor } from './network.js';
import { insideMac } from './rules.js';

/** With IPv6 the MAC has to fit the uplink's (`neutralMac`), so nobody else can choose it. */
export function grantMac(
  { seed, asked }: { seed: string; asked?: string },
  network: Network,
  links: readonly ObservedLink[],
): string {
  const uplink = links.find(({ name }) => name === network.uplink);
  if (!network.enableIPv6 || !uplink) return asked ?? seed;
  const fitting = neutralMac(asked ?? seed, uplink.mac);
  if (asked === undefined || asked.toLowerCase() === fitting) return fitting;
  throw invalid(
    `network ${network.name}: MAC address ${asked}: with IPv6, ${network.driver} has to choose it; nearest: ${fitting}`,
  );
}

/** With IPv6 the MAC inside follows the uplink's, and is worth a look. */
export function endpointReady(at: EndpointOf, view: KernelView): boolean {
  const { network, endpoint, container } = at;
  if (!vethPortReady(at, network.linkName, view)) return false;
  const uplink = view.links.get(cableOf(network, view.names)?.uplink ?? '');
  if (!uplink || !network.enableIPv6) return true;
  return view.inside(container.id)?.links.get(endpoint.ifName)?.mac === insideMac(endpoint, network, uplink.mac);
}

export async function ensureEndpoint(at: EndpointOf, context: DriverContext): Promise<void> {
  const { host, names } = context;
  const { network, endpoint, container } = at;
  const uplink = host.links().find(({ name }) => name === cableOf(network, names)?.uplink);
  const port: Port = {
    bridge: network.linkName,
    // A tunnel's containers meet at the physical switch alone.
    isolated: network.driver === 'l2tunnel' || !talksInside(network),
    mtu: mtuFor(network, uplink),
  };
  const mac = uplink ? insideMac(endpoint, network, uplink.mac) : endpoint.mac;
  // Rules know link-local addresses by the MAC.
  host.sysctl('net/ipv6/conf/default/addr_gen_mode', '0', { netns: names.netns(container.id), optional: true });
  await ensureVethPort({ ...at, endpoint: { ...endpoint, mac } }, port, context);
}

export async function removeEndpoint(at: EndpointOf, context: DriverContext): Promise<void> {
  await removeVethPort(at, context);
  const uplink = cableOf(at.network, context.names)?.uplink;
  if (uplink !== undefined) await forgetNeighbour(at.endpoint, uplink, context.host);
}
