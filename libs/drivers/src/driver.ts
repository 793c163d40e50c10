import type { Container, DriverName, Endpoint, Network, NetworkRequest, NodeNames, ObservedLink } from '#lib/domain';
import type { Host } from '#lib/host';

/** What a driver knows of the node it works on. */
export interface DriverContext {
  host: Host;
  names: NodeNames;
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

  /** Pure. Refuses (`invalid`) what this driver cannot do, and names what would be accepted; returns warnings. */
  check(request: NetworkRequest): string[];

  /** Pure: is everything of this network in the kernel? */
  networkReady(network: Network, links: ReadonlyMap<string, ObservedLink>): boolean;
  ensureNetwork(network: Network, context: DriverContext): Promise<void>;
  removeNetwork(network: Network, context: DriverContext): Promise<void>;

  /** Pure: is the node's side of this endpoint there? */
  endpointReady(at: EndpointOf, names: NodeNames, links: ReadonlyMap<string, ObservedLink>): boolean;
  /** The container's namespace exists already. */
  ensureEndpoint(at: EndpointOf, context: DriverContext): Promise<void>;
  removeEndpoint(at: EndpointOf, context: DriverContext): Promise<void>;
}
