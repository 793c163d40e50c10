import { shortId } from '#lib/common';
import { endpointId, type Container, type Endpoint, type Network, type NodeNames, sandboxId } from '#lib/domain';
import { ownNames } from '../../../discovery/endpoint-names.js';
import { portMap } from './ports.js';

/** Where networks are looked up: by id, or `host` and `none`, of which there is one each, by that. */
export type NetworkOf = (id: string) => Network | undefined;

const NO_ADDRESS = {
  Gateway: '',
  IPAddress: '',
  IPPrefixLen: 0,
  IPv6Gateway: '',
  GlobalIPv6Address: '',
  GlobalIPv6PrefixLen: 0,
} as const;

/** Until API 1.44 the container's short id stood among its aliases, and docker-compose looks for it there. */
export interface NetworksOptions {
  /** addresses are shown of what runs alone */
  up: boolean;
  aliasesWithId: boolean;
}

type ShownNetwork = Pick<Network, 'id' | 'name' | 'internal' | 'pools'>;

/** Network name → how the container is attached to it, in the words of API 1.51. */
export function networksOf(container: Container, networkOf: NetworkOf, options: NetworksOptions) {
  const attached = container.endpoints.flatMap((endpoint) => {
    const network = networkOf(endpoint.networkId) ?? awayFrom(endpoint);
    return network ? [[network.name, endpointSettings(container, endpoint, network, options)] as const] : [];
  });
  const virtual = virtualOf(container, networkOf);
  return {
    ...Object.fromEntries(attached),
    ...(virtual && { [virtual.name]: virtualSettings(container, virtual, options.up) }),
  };
}

/** All that a container is on, as far as it can be told. */
export function namesOfNetworks(container: Container, networkOf: NetworkOf): { id: string; name: string }[] {
  const attached = container.endpoints.map((endpoint) => {
    const { networkId: id } = endpoint;
    return { id, name: (networkOf(id) ?? awayFrom(endpoint))?.name ?? '' };
  });
  return [...attached, ...[virtualOf(container, networkOf) ?? []].flat()];
}

/** The node's own network and the absence of one are networks to Docker; nobody has an endpoint there. */
function virtualOf({ networkMode }: Container, networkOf: NetworkOf): Network | undefined {
  return networkMode === 'host' || networkMode === 'none' ? networkOf(networkMode) : undefined;
}

function virtualSettings({ id }: Container, network: ShownNetwork, up: boolean) {
  return {
    IPAMConfig: null,
    Links: null,
    Aliases: null,
    MacAddress: '',
    DriverOpts: null,
    GwPriority: 0,
    NetworkID: network.id,
    EndpointID: up ? endpointId(id, network.id) : '',
    ...NO_ADDRESS,
    DNSNames: null,
  };
}

/** A network of the swarm is not on this node while nothing uses it here; one of the node may be gone. */
function awayFrom({ networkId: id, network, cluster: name = network }: Endpoint): ShownNetwork | undefined {
  return name === undefined ? undefined : { id, name, internal: false, pools: [] };
}

function endpointSettings(container: Container, endpoint: Endpoint, network: ShownNetwork, options: NetworksOptions) {
  const { asked, linkLocal, driverOptions = null, aliases, links, mac, gwPriority } = endpoint;
  const { up, aliasesWithId } = options;
  const shown = aliasesWithId ? [...aliases, shortId(container.id)] : aliases;
  return {
    IPAMConfig:
      asked?.ipv4 || asked?.ipv6 || linkLocal
        ? {
            ...(asked?.ipv4 && { IPv4Address: asked.ipv4 }),
            ...(asked?.ipv6 && { IPv6Address: asked.ipv6 }),
            ...(linkLocal && { LinkLocalIPs: linkLocal }),
          }
        : null,
    Links: nullIfEmpty(Object.entries(links).map(([alias, target]) => `${target}:${alias}`)),
    Aliases: nullIfEmpty(shown),
    MacAddress: up ? mac : (asked?.mac ?? ''),
    DriverOpts: driverOptions,
    GwPriority: gwPriority,
    NetworkID: network.id,
    EndpointID: up ? endpointId(container.id, network.id) : '',
    ...(up ? addressesOf(endpoint, network) : NO_ADDRESS),
    DNSNames: [...new Set([container.name, ...aliases, ...ownNames(container)])],
  };
}

function addressesOf(endpoint: Endpoint, network: ShownNetwork) {
  const pool = (v6: boolean) => network.pools.find(({ subnet }) => subnet.includes(':') === v6);
  const [v4, v6] = [endpoint.ipv4 ? pool(false) : undefined, endpoint.ipv6 ? pool(true) : undefined];
  const gateway = (at: { gateway?: string } | undefined) => (network.internal ? '' : (at?.gateway ?? ''));
  const length = (at: { subnet: string } | undefined) => Number(at?.subnet.split('/')[1] ?? 0);
  const { lease } = endpoint;
  return {
    Gateway: gateway(lease ?? v4),
    IPAddress: endpoint.ipv4 ?? '',
    IPPrefixLen: lease?.prefix ?? length(v4),
    IPv6Gateway: gateway(v6),
    GlobalIPv6Address: endpoint.ipv6 ?? '',
    GlobalIPv6PrefixLen: length(v6),
  };
}

/** NetworkSettings of an inspection. What stands beside Networks is of the default network, as in Docker. */
export function networkSettings(
  container: Container,
  networkOf: NetworkOf,
  names: NodeNames,
  options: NetworksOptions & { defaultNetwork: string },
) {
  const networks = networksOf(container, networkOf, options);
  const own = options.up && container.networkMode === 'bridged';
  const { EndpointID = '', MacAddress = '', ...rest } = networks[options.defaultNetwork] ?? {};
  const { Gateway, IPAddress, IPPrefixLen, IPv6Gateway, GlobalIPv6Address, GlobalIPv6PrefixLen } = {
    ...NO_ADDRESS,
    ...(options.up && rest),
  };
  return {
    Bridge: '',
    SandboxID: own ? sandboxId(container.id) : '',
    SandboxKey: own ? names.netnsPath(container.id) : '',
    Ports: own ? portMap(container, networkOf) : {},
    HairpinMode: false,
    LinkLocalIPv6Address: '',
    LinkLocalIPv6PrefixLen: 0,
    SecondaryIPAddresses: null,
    SecondaryIPv6Addresses: null,
    EndpointID,
    Gateway,
    GlobalIPv6Address,
    GlobalIPv6PrefixLen,
    IPAddress,
    IPPrefixLen,
    IPv6Gateway,
    MacAddress: options.up ? MacAddress : '',
    Networks: networks,
  };
}

function nullIfEmpty<T>(list: T[]): T[] | null {
  return list.length > 0 ? list : null;
}
