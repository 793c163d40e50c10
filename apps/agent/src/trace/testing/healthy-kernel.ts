import { newId } from '#lib/common';
import { NodeNames, type Container, type Endpoint, type Network, type ObservedLink } from '#lib/domain';
import type { TraceFacts } from '../facts.js';

const names = new NodeNames(newId());
const UPLINK_MAC = '52:00:00:00:00:01';

/** A link that stands otherwise, by its name; undefined: it is gone. Inside a container: `web:eth0`. */
export type Broken = Record<string, Partial<ObservedLink> | undefined>;

/** The kernel of a node where everything is as it should be, and what is broken of it. */
export function kernelOf(
  networks: readonly Network[],
  containers: readonly Container[],
  broken: Broken = {},
): TraceFacts['kernel'] {
  let index = 10;
  const link = (name: string, more: Partial<ObservedLink>): ObservedLink[] => {
    const made: ObservedLink = {
      index: ++index,
      name,
      kind: 'veth',
      up: true,
      mac: '',
      mtu: 1500,
      addresses: [],
      ...more,
    };
    return name in broken ? (broken[name] ? [{ ...made, ...broken[name] }] : []) : [made];
  };
  const attached = containers.flatMap((container) => container.endpoints.map((at) => ({ container, at })));
  const networkOf = (at: Endpoint) => networks.find(({ id }) => id === at.networkId);
  const uplink = link('eth0', { index: 2, kind: '', mac: UPLINK_MAC, addresses: ['192.168.7.9/24'] });
  const all = [
    ...uplink,
    ...networks.flatMap((network) => linksOf(network, link)),
    ...attached.flatMap(({ container, at }) => {
      const master = networkOf(at)?.linkName;
      if (networkOf(at)?.driver === 'transparent') return [];
      return link(names.veth(container.id, at.networkId), { master });
    }),
  ];
  return {
    names,
    links: new Map(all.map((each) => [each.name, each])),
    routes: () => [
      { destination: '0.0.0.0/0', gateway: '192.168.7.1', link: 'eth0' },
      { destination: '192.168.7.0/24', link: 'eth0' },
      ...attached.flatMap(({ at }) => {
        const network = networkOf(at);
        if (network?.driver !== 'transparent' || network.vlan !== undefined) return [];
        return [{ destination: `${at.ipv4}/32`, link: network.linkName, source: '192.168.7.9' }];
      }),
    ],
    inside: (id) => {
      const container = containers.find((each) => each.id === id);
      const found = container?.endpoints.flatMap((at) => {
        const { ifName, ipv4, ipv6 } = at;
        const addresses = [...(ipv4 ? [`${ipv4}/24`] : []), ...(ipv6 ? [`${ipv6}/64`] : [])];
        const network = networkOf(at);
        const own = network?.driver === 'transparent' ? { kind: 'macvlan', parent: belowOf(network) } : {};
        return link(`${container.name}:${ifName}`, { addresses, ...own }).map((each) => ({ ...each, name: ifName }));
      });
      return found && { links: new Map(found.map((each) => [each.name, each])), routes: [] };
    },
    dhcp: { alive: () => true, nameServers: () => [] },
    forwarding: () => [],
  };
}

/** Index of the link that the network's macvlans are on. */
const belowOf = ({ vlan }: Network) => (vlan === undefined ? 2 : 3);

function linksOf(
  network: Network,
  link: (name: string, more: Partial<ObservedLink>) => ObservedLink[],
): ObservedLink[] {
  const { linkName, id } = network;
  const own = network.pools.map(({ gateway, subnet }) => `${gateway}/${subnet.split('/')[1]}`);
  const bridge = link(linkName, { kind: 'bridge', addresses: network.uplink === undefined ? own : [] });
  if (network.overlay) return [...bridge, ...link(names.ofNetwork('x', id), { kind: 'vxlan', master: linkName })];
  if (network.uplink === undefined) return bridge;
  if (network.driver === 'transparent') {
    const below = network.vlan === undefined ? [] : link(names.vlan(id), { index: 3, kind: 'vlan', parent: 2 });
    return [...below, ...link(linkName, { kind: 'macvlan', parent: belowOf(network) })];
  }
  return [
    ...bridge,
    ...link(names.ofNetwork('p', id), { master: linkName }),
    ...link(names.ofNetwork('w', id), { mac: UPLINK_MAC }),
    ...link(names.ofNetwork('m', id), { kind: 'macvlan', parent: 2 }),
  ];
}
