import type {
  Container,
  DriverName,
  Endpoint,
  IpamRequest,
  Network,
  NetworkRequest,
  NodeNames,
  ObservedLink,
  ObservedRoute,
} from '#lib/domain';
import type { Host } from '#lib/host';
import type { Leased } from './dhcp/report.js';

/** What a driver knows of the node it works on. */
export interface DriverContext {
  host: Host;
  names: NodeNames;
  dhcp: DhcpClients;
}

/** What a driver looks at while a network is asked for and nothing has been made. */
export interface NodeView {
  names: NodeNames;
  links: readonly ObservedLink[];
  routes: readonly ObservedRoute[];
  /** is a link Wi-Fi? Absent: none is */
  isWireless?(link: string): boolean;
  /** networks that exist or are granted in the same transaction */
  networks: readonly Network[];
}

/** Where a network goes, and where its addresses come from. */
export interface Placement extends Pick<Network, 'uplink' | 'vlan'> {
  /**
   * `own`: subnets that nothing else on this node has; those that are not asked for are chosen. `segment`: subnets of
   * the physical network on the uplink, which the node may be in itself; what is not asked for is not there.
   */
  subnets: 'own' | 'segment';
  /** the pools as asked for, with what the driver knows of them */
  pools: readonly IpamRequest[];
  /** for people: what is accepted and does not do what it says, or may not */
  warnings: string[];
}

/** What is in a container's namespace. */
export interface Inside {
  links: ReadonlyMap<string, ObservedLink>;
  routes: readonly ObservedRoute[];
}

/** The kernel as one comparison sees it; what is not asked for is not read. */
export interface KernelView {
  names: NodeNames;
  links: ReadonlyMap<string, ObservedLink>;
  routes(): readonly ObservedRoute[];
  /** a container's namespace; undefined: there is none, or it cannot be read */
  inside(containerId: string): Inside | undefined;
  dhcp: Pick<DhcpClients, 'alive' | 'nameServers'>;
}

/** One thing that a network is made of or does, in words. */
export interface NetworkEffect {
  kind: 'link' | 'rules' | 'endpoint';
  says: string;
}

/** An endpoint with what it belongs to. */
export interface EndpointOf {
  container: Container;
  endpoint: Endpoint;
  network: Network;
  /** this endpoint's network is the one whose gateway gets the default route, for each address family */
  defaultRoute: { ipv4: boolean; ipv6: boolean };
}

/** One way to make networks and endpoints in the kernel. Everything is idempotent: `ensure` also completes and mends. */
export interface NetworkDriver {
  readonly name: DriverName;

  /** Pure. Refuses (`invalid`, `conflict`) what this driver cannot do here, and names what would be accepted. */
  place(request: NetworkRequest, around: NodeView): Placement;

  /** Pure: what this driver will make of the network, before anything of it is there. */
  effects(network: Network, view: Pick<KernelView, 'names' | 'links'>): NetworkEffect[];

  /**
   * Pure: the MAC of a new endpoint, where it is not free. `seed` follows from the ids; `asked` is what somebody wants
   * it to be, and is refused (`invalid`) where it cannot be.
   */
  endpointMac?(wish: { seed: string; asked?: string }, network: Network, links: readonly ObservedLink[]): string;

  /** Pure: is everything of this network in the kernel? */
  networkReady(network: Network, view: KernelView): boolean;
  ensureNetwork(network: Network, context: DriverContext): Promise<void>;
  removeNetwork(network: Network, context: DriverContext): Promise<void>;

  /** Pure: are this endpoint's links in the kernel, and what the node has of it? */
  endpointReady(at: EndpointOf, view: KernelView): boolean;
  /** Pure: has it addresses and routes inside the container's namespace, and is its link up there? */
  insideReady(at: EndpointOf, view: KernelView): boolean;
  /** The container's namespace exists already. */
  ensureEndpoint(at: EndpointOf, context: DriverContext): Promise<void>;
  removeEndpoint(at: EndpointOf, context: DriverContext): Promise<void>;
}

/** Clients of the segments' DHCP servers, one for each endpoint without a subnet. They outlive the agent. */
export interface DhcpClients {
  /**
   * Lets a client work for the endpoint, whose link is up, and resolves with its lease once that is in the desired
   * state. `exhausted` when no server has answered within 6 s, with what to check; the client goes on asking.
   */
  obtain(at: EndpointOf, uplink: string): Promise<Leased>;

  /** Does a client work for this endpoint? */
  alive(containerId: string, networkId: string): boolean;

  /** Does the endpoint's client hold a lease of the address that the endpoint has? */
  holds(at: EndpointOf): boolean;

  /** Addresses that the node itself asks for names. */
  nameServers(): readonly string[];

  /** The lease is given back and the client ends, while the link is still there. Without a client: nothing happens. */
  release(at: EndpointOf): Promise<void>;

  /** The client's link is gone: it ends without a word. */
  drop(at: EndpointOf): Promise<void>;
}
