import ipaddr from 'ipaddr.js';
import { listed } from '#lib/common';
import type { Container, Endpoint, Network, PortRequest, PublishedPort } from '#lib/domain';
import { defaultRouteHolder } from '../endpoint/default-route.js';
import { hostBindingOf, isBehindNode } from '../options.js';

/** One way from an address and port of the node to a container. Ports of several containers may not collide. */
export interface Mapping {
  /** empty: every address of the node in this family */
  hostAddress: string;
  protocol: string;
  hostPort: number;
  address: string;
  containerPort: number;
  /** Its answers would leave by another network, past the node: who asks is to be the node itself. */
  hidesClients: boolean;
}

/** Written for people, meaning every address of one family. */
const WILDCARDS = { ipv4: '0.0.0.0', ipv6: '::' } as const;

/** All mappings of one family. Where two containers ask for the same port, the first one keeps it. */
export function mappingsOf(
  family: 'ipv4' | 'ipv6',
  networks: ReadonlyMap<string, Network>,
  containers: readonly Container[],
): Mapping[] {
  const found = new Map<string, Mapping>();
  for (const container of containers) {
    const endpoint = publishingEndpoint(container, family, networks);
    const address = endpoint?.[family];
    if (address === undefined) continue;
    const hidesClients = defaultRouteHolder(family, attachedTo(container, networks))?.endpoint !== endpoint;
    for (const port of container.ports) {
      const hostAddress = hostAddressIn(family, port);
      if (hostAddress === undefined) continue;
      const { protocol, hostPort, containerPort } = port;
      const key = `${hostAddress} ${protocol} ${hostPort}`;
      if (!found.has(key)) found.set(key, { hostAddress, protocol, hostPort, address, containerPort, hidesClients });
    }
  }
  return [...found.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, mapping]) => mapping);
}

/**
 * Ports, asked for or granted, with the address that the network which publishes them says, where they name none. It is
 * an IPv4 one: then they are not published in the other family.
 */
export function withHostBinding<Port extends { hostIp: string }>(
  ports: readonly Port[],
  endpoints: readonly Endpoint[],
  networks: readonly Network[],
): Port[] {
  const byId = new Map(networks.map((network) => [network.id, network]));
  const network = byId.get(publishingEndpoint({ endpoints }, 'ipv4', byId)?.networkId ?? '');
  const hostIp = network && hostBindingOf(network);
  return ports.map((port) => (hostIp !== undefined && port.hostIp === '' ? { ...port, hostIp } : port));
}

/**
 * The addresses of the node at which a port of the container is reached, every address of a family written `0.0.0.0` or `::`.
 * @param networkOf by id
 */
export function hostAddresses(
  container: Pick<Container, 'endpoints'>,
  port: PublishedPort,
  networkOf: (id: string) => Network | undefined,
): string[] {
  const networks = new Map(
    container.endpoints.flatMap(({ networkId: id }): [string, Network][] => {
      const network = networkOf(id);
      return network ? [[id, network]] : [];
    }),
  );
  return (['ipv4', 'ipv6'] as const).flatMap((family) => {
    const leads = publishingEndpoint(container, family, networks)?.[family] !== undefined;
    const address = leads ? hostAddressIn(family, port) : undefined;
    return address === undefined ? [] : [address || WILDCARDS[family]];
  });
}

/**
 * A warning for a container whose ports lead nowhere, because none of its networks is behind the node. One that holds
 * no ports yet is judged by those that it asks for.
 */
export function unpublished(container: Container, networks: ReadonlyMap<string, Network>): string[] {
  const [port] = container.ports.length > 0 ? container.ports : (container.portRequests ?? []).map(asPort);
  if (!port || container.networkMode !== 'bridged') return [];
  if (publishingEndpoint(container, 'ipv4', networks) || publishingEndpoint(container, 'ipv6', networks)) return [];
  const on = container.endpoints.flatMap(({ networkId }) => networks.get(networkId) ?? []);
  const named = on.map(({ name, driver, internal }) => `${name} (${internal ? 'internal' : driver})`);
  return [
    `container ${container.name}: port ${port.hostPort || 'any'}:${port.containerPort} is not published: ${listed(named)} ` +
      `${named.length > 1 ? 'are' : 'is'} not behind this node; use the container's own address`,
  ];
}

/** The first port that it accepts; 0: any. */
function asPort({ range, ...request }: PortRequest): PublishedPort {
  return { ...request, hostPort: range?.[0] ?? 0 };
}

/**
 * undefined: this port is not published in this family. Addresses are checked when they are asked for; what is none
 * all the same is published nowhere, for it must not keep the rules of all others from the kernel.
 */
function hostAddressIn(family: 'ipv4' | 'ipv6', { hostIp }: PublishedPort): string | undefined {
  if (hostIp === '' || hostIp === WILDCARDS[family]) return '';
  if (!ipaddr.isValid(hostIp) || hostIp.includes('%')) return undefined;
  const address = ipaddr.parse(hostIp);
  // The kernel routes no answer to ::1 from another link.
  if (address.kind() !== family || (address.range() === 'loopback' && family === 'ipv6')) return undefined;
  return address.toString();
}

/**
 * Ports lead to the endpoint whose gateway would have the default route if there were only networks behind the node.
 * Networks that are internal, or not behind the node, publish nothing.
 */
function publishingEndpoint(
  container: { endpoints: readonly Endpoint[] },
  family: 'ipv4' | 'ipv6',
  networks: ReadonlyMap<string, Network>,
): Endpoint | undefined {
  const behindNode = attachedTo(container, networks).filter(({ network }) => isBehindNode(network));
  return defaultRouteHolder(family, behindNode)?.endpoint;
}

function attachedTo(container: { endpoints: readonly Endpoint[] }, networks: ReadonlyMap<string, Network>) {
  return container.endpoints.flatMap((endpoint) => {
    const network = networks.get(endpoint.networkId);
    return network ? [{ endpoint, network }] : [];
  });
}
