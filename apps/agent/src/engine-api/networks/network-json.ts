import {
  dockerDriver,
  endpointId,
  isVirtual,
  type Container,
  type Endpoint,
  type IpamPool,
  type Network,
  type NodeNetwork,
} from '#lib/domain';

const LINK_NAME = 'com.docker.network.windowsshim.networkname';

/** A container with an endpoint on the network that is in use now. */
export interface ActiveEndpoint {
  container: Container;
  endpoint: Pick<Endpoint, 'mac' | 'ipv4' | 'ipv6' | 'lease'>;
}

/** Docker's JSON of a network (GET /networks/:id); listings have no containers. Pure. */
export function networkJson(network: Network, active: readonly ActiveEndpoint[] = []) {
  return {
    Name: network.name,
    Id: network.id,
    Created: network.createdAt,
    Scope: network.driver === 'overlay' ? 'swarm' : 'local',
    Driver: dockerDriver(network),
    EnableIPv4: network.enableIPv4,
    EnableIPv6: network.enableIPv6,
    IPAM: {
      Driver: network.ipam?.driver ?? 'default',
      Options: network.ipam?.options ?? null,
      Config: network.pools.map(poolJson),
    },
    Internal: network.internal,
    Attachable: network.attachable,
    Ingress: network.overlay?.ingress ?? false,
    ConfigFrom: { Network: '' },
    ConfigOnly: false,
    Containers: Object.fromEntries(active.map((each) => [each.container.id, endpointJson(each, network)])),
    // The link's name is written back, chosen or given.
    Options:
      isVirtual(network) || network.overlay
        ? network.options
        : { ...network.options, [LINK_NAME]: network.altName ?? network.linkName },
    Labels: network.labels,
    ...(network.overlay && { Peers: peersJson(network.overlay) }),
  };
}

/**
 * A network that each node has of its own, as one of the swarm: clients name it as a target of services, by the id that they
 * see here, and on another node its own id would be another one.
 */
export function asTarget(own: ReturnType<typeof networkJson>, name: NodeNetwork): ReturnType<typeof networkJson> {
  const ipam = { Driver: 'default', Options: null, Config: [] };
  return { ...own, Name: name, Id: name, Scope: 'swarm', Driver: name === 'none' ? 'null' : name, IPAM: ipam };
}

/** A network of the swarm that is not on this node, as far as filters look at it. */
export function ofSwarm({
  Id,
  Name,
  Labels,
}: ReturnType<typeof networkJson>): Pick<Network, 'id' | 'name' | 'driver' | 'labels'> {
  return { id: Id, name: Name, driver: 'overlay', labels: Labels };
}

/** The nodes that have endpoints of the network, this one first. */
function peersJson({ local, peers }: NonNullable<Network['overlay']>) {
  const addresses = new Set([local, ...peers.map(({ vtep }) => vtep).sort()]);
  return [...addresses].map((IP) => ({ Name: IP, IP }));
}

function poolJson({ subnet, ipRange, gateway, auxAddresses }: IpamPool) {
  return {
    Subnet: subnet,
    ...(ipRange && { IPRange: ipRange }),
    Gateway: gateway,
    ...(auxAddresses && { AuxiliaryAddresses: auxAddresses }),
  };
}

function endpointJson({ container, endpoint }: ActiveEndpoint, network: Network) {
  return {
    Name: container.name,
    EndpointID: endpointId(container.id, network.id),
    MacAddress: endpoint.mac,
    IPv4Address: withPrefix(endpoint.ipv4, endpoint.lease?.prefix ?? prefixOf(network, false)),
    IPv6Address: withPrefix(endpoint.ipv6, prefixOf(network, true)),
  };
}

function prefixOf({ pools }: Network, v6: boolean): string | undefined {
  return pools.find(({ subnet }) => subnet.includes(':') === v6)?.subnet.split('/')[1];
}

function withPrefix(address: string | undefined, prefix: string | number | undefined): string {
  return address === undefined || prefix === undefined ? '' : `${address}/${prefix}`;
}
