import type { Tunnel } from './tunnel.js';
/** The drivers' names (networks.md). `host` and `none` are the two predefined networks without a driver of their own. */
export const DRIVER_NAMES = ['nat', 'transparent', 'overlay', 'l2bridge', 'l2tunnel', 'host', 'none'] as const;
export type DriverName = (typeof DRIVER_NAMES)[number];

/** Names that Docker clients send for our drivers. */
export const DRIVER_ALIASES: Readonly<Record<string, DriverName>> = {
  '': 'nat',
  bridge: 'nat',
  default: 'nat',
  macvlan: 'transparent',
  null: 'none',
};

/** The driver that somebody means; undefined for a name that stands for none. */
export function driverNamed(name: string): DriverName | undefined {
  return DRIVER_ALIASES[name] ?? DRIVER_NAMES.find((known) => known === name);
}

/** What a request keeps of the name by which it asks for its driver: clients compare it with what they are shown. */
export function driverAsked(name: string): Pick<NetworkRequest, 'driverAlias'> {
  return name !== '' && Object.hasOwn(DRIVER_ALIASES, name) ? { driverAlias: name } : {};
}

/** The driver as Docker's clients are shown it: by the name that was asked for; that of `none` is `null`. */
export function dockerDriver({ driver, driverAlias }: Pick<Network, 'driver' | 'driverAlias'>): string {
  return driverAlias ?? (driver === 'none' ? 'null' : driver);
}

/** Networks that the node makes by itself and nobody removes. */
export const PREDEFINED_NETWORKS: readonly string[] = ['nat', 'host', 'none'];

/** One address pool as asked for; everything that is left out is chosen by the IPAM. Addresses are text, subnets CIDR. */
export interface IpamRequest {
  subnet?: string;
  gateway?: string;
  ipRange?: string;
  auxAddresses?: Record<string, string>;
}

/** One address pool as granted: a network has at most one for each address family. */
export interface IpamPool extends IpamRequest {
  subnet: string;
  gateway: string;
}

/** What somebody asks for when a network is made. */
export interface NetworkRequest {
  name: string;
  driver: DriverName;
  /** Docker's name of the driver, where it was asked for by that: `bridge` */
  driverAlias?: string;
  pools: IpamRequest[];
  internal: boolean;
  attachable: boolean;
  enableIPv4: boolean;
  enableIPv6: boolean;
  options: Record<string, string>;
  /** as asked for; skep's own IPAM gives the addresses whatever is written here */
  ipam?: { driver: string; options: Record<string, string> };
  labels: Record<string, string>;
}

/** Networks without a link of their own: complete as they are. */
export function isVirtual(network: Pick<NetworkRequest, 'driver'>): boolean {
  return network.driver === 'host' || network.driver === 'none';
}

/** A network of this node, as desired. */
export interface Network extends NetworkRequest {
  /** 64 hex digits */
  id: string;
  pools: IpamPool[];
  /** what was asked for where the grant says more; absent in rows of older versions */
  asked?: Pick<NetworkRequest, 'pools' | 'enableIPv6'>;
  /** ids of networks in whose place this one came: it is made when they are gone, and may have what they had */
  follows?: string[];
  /** the kernel link of the network (a bridge for nat) */
  linkName: string;
  /** another name of that link, for people: names of links end after 15 bytes, alternative ones after 127 */
  altName?: string;
  /** the node's link to the physical segment that the network is on: a physical link, or a bridge that is not ours */
  uplink?: string;
  /** the VLAN on the uplink; without it frames are untagged */
  vlan?: number;
  /** of an overlay network: its place in the cluster */
  overlay?: OverlayPlace;
  /** ISO 8601 */
  createdAt: string;
  target: 'present' | 'removed';
}

/** How this node reaches the other nodes' part of an overlay network. */
export interface OverlayPlace {
  /** VXLAN network identifier */
  vni: number;
  /** this node's VXLAN endpoint: an address of its own; of an encrypted network the one inside the tunnel */
  local: string;
  /** UDP port of every node's VXLAN endpoint */
  port: number;
  /** of an encrypted network: what the node's tunnel needs for it; frames go nowhere but through the tunnel */
  encryption?: Tunnel;
  /** published ports of services lead into it: every node has an address and a MAC of its own there (`gatewayMac`) */
  ingress?: true;
  /** endpoints on other nodes, in an order that does not change with the order in which they came */
  peers: OverlayPeer[];
}

export interface OverlayPeer {
  mac: string;
  ipv4?: string;
  ipv6?: string;
  /** address of its node's VXLAN endpoint */
  vtep: string;
}

/** What a DHCP server said beside the address. */
export interface DhcpLease {
  /** prefix length of the segment's subnet */
  prefix: number;
  gateway?: string;
  dns: string[];
  /** search domain */
  domain?: string;
  /** the server's address; empty when it did not say */
  server: string;
}

/** Addresses of the network's containers come from the segment's own DHCP server. */
export function usesDhcp({ driver, uplink, pools, enableIPv4 }: Network): boolean {
  return (
    driver === 'transparent' && uplink !== undefined && enableIPv4 && !pools.some(({ subnet }) => !subnet.includes(':'))
  );
}

/** Seconds. Docker's 600 keep dead addresses alive (docs/adr/0010-ttl-5-seconds.md). */
const DEFAULT_TTL = 5;

/** How long an answer with one of the network's addresses may be remembered, in seconds. */
export function dnsTtl(network: Pick<Network, 'options'>): number {
  return Number(network.options['com.docker.network.dns.ttl'] ?? DEFAULT_TTL);
}

/** A container's attachment to a network. Its addresses are leased when it is written down, before anything runs. */
export interface Endpoint {
  networkId: string;
  /** name of a network of this node: a stopped container outlives it. Absent in rows of older versions */
  network?: string;
  /** of a container outside services on a network of the swarm: its name, as the node knows it only while it is used here */
  cluster?: string;
  /** link name inside the container: eth0, eth1, … */
  ifName: string;
  /** address without prefix length; the length is that of the network's pool */
  ipv4?: string;
  ipv6?: string;
  /** ipv4 is a DHCP server's; both are absent while there is no lease */
  lease?: DhcpLease;
  mac: string;
  /** addresses that were asked for; the others were chosen */
  asked?: { ipv4?: string; ipv6?: string; mac?: string };
  /** link-local addresses beside these: 169.254.0.0/16 and fe80::/10, without prefix length */
  linkLocal?: string[];
  /** as they were given (`driver_opts`) */
  driverOptions?: Record<string, string>;
  /** of the link in the container's namespace, below `net/`, with IFNAME for its name: `ipv4/conf/IFNAME/log_martians` → `1` */
  sysctls?: Record<string, string>;
  /** names beside the container's name, hostname and short id */
  aliases: string[];
  /** other containers' private names for this container alone (`links`): name → container or service name */
  links: Record<string, string>;
  /** highest wins the default route; then not internal, then first by network name */
  gwPriority: number;
  /** highest is asked first in name look-ups and gets the first interface */
  priority: number;
}

export type Protocol = 'tcp' | 'udp' | 'sctp';

/** A port of the node that leads to a container's port. */
export interface PublishedPort {
  /** empty: every address of the node, IPv4 and IPv6 */
  hostIp: string;
  hostPort: number;
  containerPort: number;
  protocol: Protocol;
}

/** A port to be published; with several candidates the first free one is taken, with none a free one is chosen. */
export interface PortRequest {
  hostIp: string;
  /** first and last acceptable port; undefined: any of the ephemeral range */
  range?: [number, number];
  containerPort: number;
  protocol: Protocol;
}
