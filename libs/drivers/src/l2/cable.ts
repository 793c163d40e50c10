import type { Network, NodeNames, ObservedLink } from '#lib/domain';
import type { IpLine, TcLine } from '#lib/host';
import type { KernelView } from '../driver.js';

/**
 * The links between a network's bridge and its uplink. The uplink is a port of nothing: rules hand frames from it to
 * the cable and back (`segmentRules`).
 */
export interface Cable {
  /** the link that frames leave the node by */
  uplink: string;
  /** the cable's end that is a port of the bridge */
  port: string;
  /** the other end; it has the uplink's MAC, so that the node takes frames that are handed over from it for its own */
  wire: string;
  /** keeps the uplink open for every multicast frame, which network cards filter */
  ear: string;
}

/** undefined: an internal network, which is on no uplink */
export function cableOf(network: Network, names: NodeNames): Cable | undefined {
  if (network.uplink === undefined) return undefined;
  return {
    uplink: network.vlan === undefined ? network.uplink : names.vlan(network.id),
    port: names.ofNetwork('p', network.id),
    wire: names.ofNetwork('w', network.id),
    ear: names.ofNetwork('m', network.id),
  };
}

/** Both ends are there, upright and made for the uplink as it is now: a link that was made again is a later one. */
export function cableReady(cable: Cable, bridge: string, links: KernelView['links']): boolean {
  const [uplink, port, wire] = [links.get(cable.uplink), links.get(cable.port), links.get(cable.wire)];
  return (
    uplink !== undefined &&
    port?.kind === 'veth' &&
    port.up &&
    port.master === bridge &&
    wire?.kind === 'veth' &&
    wire.up &&
    wire.mac === uplink.mac &&
    wire.index > uplink.index
  );
}

/** A port of a bridge hears everything already, and carries no ear. */
export function earReady({ uplink, ear }: Cable, links: KernelView['links']): boolean {
  const [above, below] = [links.get(ear), links.get(uplink)];
  return below?.master !== undefined || (above?.kind === 'macvlan' && above.up && above.parent === below?.index);
}

export function addCable({ port, wire }: Cable, { mac }: ObservedLink, mtu: number): IpLine[] {
  const size = ['mtu', String(mtu)];
  return [['link', 'add', 'name', port, ...size, 'type', 'veth', 'peer', 'name', wire, 'address', mac, ...size]];
}

/** The wire end last: an upright one has everything that comes before. */
export function plugCable({ port, wire }: Cable, bridge: string): IpLine[] {
  return [
    ['link', 'set', 'dev', port, 'master', bridge, 'up'],
    ['link', 'set', 'dev', wire, 'up'],
  ];
}

/**
 * What leaves the network for the node itself, or for everybody, arrives at the node as if it came in by the uplink.
 * Everything but what is for the node alone goes on to the rules, which send it out.
 */
export function handOver({ uplink, wire }: Cable, { mac }: ObservedLink): TcLine[] {
  const match = (prio: number, what: string) =>
    `filter add dev ${wire} ingress prio ${prio} protocol all u32 match ${what}`.split(' ');
  return [
    `qdisc add dev ${wire} clsact`.split(' '),
    [...match(1, `ether dst ${mac}`), ...`action mirred ingress redirect dev ${uplink}`.split(' ')],
    // The first byte of the destination is odd: broadcast and multicast.
    [...match(2, 'u16 0x0100 0x0100 at -14'), ...`action mirred ingress mirror dev ${uplink}`.split(' ')],
  ];
}

export function addEar({ uplink, ear }: Cable): IpLine[] {
  return [
    ['link', 'add', 'link', uplink, 'name', ear, 'type', 'macvlan', 'mode', 'private'],
    ['link', 'set', 'dev', ear, 'arp', 'off', 'allmulticast', 'on'],
  ];
}
