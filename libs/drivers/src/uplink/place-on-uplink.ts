import { conflict } from '#lib/common';
import type { IpamRequest, Network, NetworkRequest, ObservedLink } from '#lib/domain';
import { parseCidr, parseAddress, holds, type Cidr } from '#lib/ipam';
import type { NodeView, Placement } from '../driver.js';
import { uplinksOf } from './choose-uplink.js';
import { bindingOf, INTERFACE_OPTION, VLAN_OPTION } from './uplink-options.js';

/**
 * A network on a physical segment through `uplink`. Refuses a second network there unless its VLAN differs; takes the
 * segment's gateway from the node's own routes where none is asked for, and warns when the subnet is not the segment's.
 * Pure.
 */
export function placeOnUplink(request: NetworkRequest, uplink: ObservedLink, around: NodeView): Placement {
  const { vlan } = bindingOf(request, around.links);
  refuseShared(request, uplink, vlan, around);
  const placed: Placement = { uplink: uplink.name, subnets: 'segment', pools: request.pools, warnings: [] };
  // What is on a VLAN cannot be told from the untagged side.
  if (vlan !== undefined) return { ...placed, vlan };
  const pools = request.pools.map((pool) => withGateway(pool, uplink, around));
  return { ...placed, pools, warnings: pools.flatMap((pool) => mismatch(request, pool, uplink, around)) };
}

function refuseShared(
  request: NetworkRequest,
  uplink: ObservedLink,
  vlan: number | undefined,
  { networks, links }: NodeView,
): void {
  const holder = networks.find(
    (other) =>
      other.target === 'present' &&
      other.uplink !== undefined &&
      other.vlan === vlan &&
      sameSegment(other.uplink, uplink.name, links),
  );
  if (!holder) return;
  const where = vlan === undefined ? '' : ` in VLAN ${vlan}`;
  throw conflict(
    `network ${request.name}: interface ${uplink.name} is in use by network ${holder.name}${where}: ` +
      `one network for each interface and VLAN; choose another interface with -o ${INTERFACE_OPTION}=NAME ` +
      `or another VLAN with -o ${VLAN_OPTION}=N`,
  );
}

/** A port and its bridge are one segment. */
function sameSegment(a: string, b: string, links: readonly ObservedLink[]): boolean {
  const master = (name: string) => links.find((link) => link.name === name)?.master;
  return a === b || master(a) === b || master(b) === a;
}

function withGateway(pool: IpamRequest, uplink: ObservedLink, around: NodeView): IpamRequest {
  if (pool.gateway || !pool.subnet) return pool;
  const subnet = parseCidr(pool.subnet, 'subnet');
  const gateway = gatewayBy(subnet, uplink, around);
  return gateway === undefined ? pool : { ...pool, gateway };
}

/** The router that the node itself uses on this segment, where it is part of the subnet. */
function gatewayBy(subnet: Cidr, uplink: ObservedLink, { routes, networks }: NodeView): string | undefined {
  const carriers = [uplink.name, uplink.master, ...linksOn(uplink, networks)];
  return routes.find(
    ({ destination, gateway, link }) =>
      /^(0\.0\.0\.0|::)\/0$/.test(destination) &&
      carriers.includes(link) &&
      gateway !== undefined &&
      within(subnet, gateway),
  )?.gateway;
}

function mismatch(request: NetworkRequest, pool: IpamRequest, uplink: ObservedLink, around: NodeView): string[] {
  if (!pool.subnet) return [];
  const subnet = parseCidr(pool.subnet, 'subnet');
  const own = segmentAddresses(uplink, around).filter((each) => each.includes(':') === (subnet.family === 6));
  const matching = own.some(
    (each) => within(subnet, each.split('/')[0]!) && Number(each.split('/')[1]) === subnet.prefix,
  );
  if (own.length > 0 && !matching) {
    return [
      `network ${request.name}: subnet ${pool.subnet} is not that of ${uplink.name} (${own.join(', ')}): ` +
        'containers are reached only if the physical network carries both',
    ];
  }
  const other = own.length === 0 && elsewhere(subnet, uplink, around);
  if (other) {
    return [
      `network ${request.name}: this node is in ${pool.subnet} by ${other.name}, and not by ${uplink.name}: it reaches ` +
        `the containers by ${other.name}, if both interfaces are on the same physical network`,
    ];
  }
  const router = gatewayBy(subnet, uplink, around);
  if (!router || !pool.gateway || router === pool.gateway) return [];
  return [`network ${request.name}: gateway ${pool.gateway} is not the router that this node uses there (${router})`];
}

/** The node's own addresses on the segment, which are on the uplink, on the bridge that holds it, or on a link of ours. */
function segmentAddresses(uplink: ObservedLink, { links, networks }: NodeView): string[] {
  const names = [uplink.name, uplink.master, ...linksOn(uplink, networks)];
  return links
    .filter((link) => names.includes(link.name))
    .flatMap((link) => link.addresses)
    .filter((address) => !address.startsWith('fe80:') && !/\/(32|128)$/.test(address));
}

/** Another interface by which the node is in the subnet. */
function elsewhere(subnet: Cidr, { name, master }: ObservedLink, around: NodeView): ObservedLink | undefined {
  return uplinksOf(around).find(
    (link) =>
      link.name !== name && link.name !== master && link.addresses.some((each) => within(subnet, each.split('/')[0]!)),
  );
}

function linksOn(uplink: ObservedLink, networks: readonly Network[]): string[] {
  return networks.filter((each) => each.uplink === uplink.name && each.vlan === undefined).map((each) => each.linkName);
}

function within(subnet: Cidr, address: string): boolean {
  const { family, value } = parseAddress(address, 'address');
  return holds(subnet, family, value);
}
