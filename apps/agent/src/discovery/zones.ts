import { shortId } from '#lib/common';
import type { Member, Sandbox, Zone } from '#lib/contracts';
import {
  containerIdOf,
  dnsTtl,
  isDraining,
  isVirtual,
  withheld,
  type AssignedService,
  type Container,
  type Network,
  type NodeNames,
  type ObservedContainer,
  type ObservedLink,
  type Peer,
} from '#lib/domain';
import { dnsOf, nodeSeenFrom } from '#lib/drivers';
import type { Store } from '#lib/store';
import type { ResolverDefaults } from '../node/resolver-defaults.js';
import { lookupOrder } from '../sandbox/endpoints.js';
import { ndotsOf, optionsOf, searchOf } from '../sandbox/resolver-settings.js';
import { endpointNames } from './endpoint-names.js';

export interface DiscoveryState {
  sandboxes: Sandbox[];
  zones: Zone[];
}

/**
 * Everything the resolver has to know, from desired and observed state. Pure.
 * @param uplinks by name: the links that networks are bound to
 */
export function discoveryState(
  view: Pick<Store, 'get' | 'list'>,
  observed: ReadonlyMap<string, ObservedContainer>,
  attached: ReadonlySet<string>,
  names: NodeNames,
  defaults: ResolverDefaults,
  uplinks: ReadonlyMap<string, ObservedLink>,
): DiscoveryState {
  const members = new Map<string, Member[]>();
  const sandboxes: Sandbox[] = [];
  for (const container of view.list('container')) {
    if (container.networkMode !== 'bridged') continue;
    const left = withheld(container, view.get('status', container.id)?.value, observed.get(container.id));
    for (const endpoint of container.endpoints) {
      const state = observed.get(container.id)?.state;
      const gone = container.target === 'removed' || isDraining(container);
      const stopped = gone || (state !== 'running' && state !== 'paused');
      const member = memberOf(container, endpoint, left, stopped);
      const known = members.get(endpoint.networkId);
      if (known) known.push(member);
      else members.set(endpoint.networkId, [member]);
    }
    if (attached.has(container.id)) sandboxes.push(sandboxOf(container, view, names, defaults));
  }
  const add = (networkId: string, member: Member) =>
    members.set(networkId, [...(members.get(networkId) ?? []), member]);
  for (const { kind, value } of view.list('assignment')) {
    if (kind === 'peer') add(value.networkId, peerMember(value));
    if (kind !== 'service') continue;
    for (const networkId of Object.keys(value.virtualAddresses)) add(networkId, virtualMember(value, networkId));
  }
  const zones = view
    .list('network')
    .filter((network) => network.target === 'present' && !isVirtual(network))
    .map((network) => zoneOf(network, members.get(network.id) ?? [], uplinks.get(network.uplink ?? '')));
  return { sandboxes, zones };
}

function memberOf(
  container: Container,
  endpoint: Container['endpoints'][number],
  left: string,
  stopped: boolean,
): Member {
  const { own, shared } = endpointNames(container, endpoint);
  return {
    containerId: container.id,
    containerName: container.name,
    service: container.service ?? '',
    names: own,
    sharedNames: shared,
    addresses: [endpoint.ipv4, endpoint.ipv6].filter((address) => address !== undefined),
    withheld: left,
    stopped,
    virtual: false,
    ports: container.ports.map((port) => ({ protocol: port.protocol, port: port.containerPort })),
  };
}

/** Without a process, be it of a task (by its state) or of another container: nobody answers at the address. */
const NOT_THERE = new Set(
  'new|pending|assigned|accepted|preparing|ready|stopped|not started|exited|being removed'.split('|'),
);

/** An endpoint on another node. */
function peerMember(peer: Peer): Member {
  const containerId = peer.containerId ?? containerIdOf(peer.id);
  const own = new Set([...peer.names, shortId(containerId)]);
  return {
    containerId,
    containerName: peer.names[0] ?? '',
    service: peer.service,
    names: [...own],
    sharedNames: [...new Set([peer.service, ...peer.sharedNames])].filter((name) => name !== ''),
    addresses: [peer.ipv4, peer.ipv6].filter((address) => address !== undefined),
    withheld: peer.withheld,
    stopped: peer.leaving || NOT_THERE.has(peer.withheld),
    virtual: false,
    ports: peer.ports,
  };
}

/** A service's own address: always answered, so that a caller is told at once when there is no replica. */
function virtualMember({ id, name, virtualAddresses, aliases }: AssignedService, networkId: string): Member {
  const { ipv4, ipv6 } = virtualAddresses[networkId] ?? {};
  return {
    containerId: id,
    containerName: name,
    service: name,
    names: [],
    sharedNames: [...new Set([name, ...(aliases[networkId] ?? [])])],
    addresses: [ipv4, ipv6].filter((address) => address !== undefined),
    withheld: '',
    stopped: false,
    virtual: true,
    ports: [],
  };
}

function sandboxOf(
  container: Container,
  view: Pick<Store, 'get'>,
  names: NodeNames,
  defaults: ResolverDefaults,
): Sandbox {
  const { servers } = container.dns;
  const networks = lookupOrder(container, view);
  const upstreams = servers.length > 0 ? servers : leasedServers(container, view);
  return {
    id: container.id,
    name: container.name,
    netnsPath: names.netnsPath(container.id),
    attachments: networks.map((network) => ({ networkId: network.id })),
    upstreams,
    defaultUpstreams: upstreams.length > 0 ? [] : defaults.dns,
    search: searchOf(container, networks, defaults),
    // As the container's own resolver has it. The node's options are no matter: its file has them of when it was written.
    ndots: ndotsOf(optionsOf(container, { ...defaults, node: { search: [], options: [] } })) ?? 0,
    links: Object.assign({}, ...container.endpoints.map((endpoint) => endpoint.links)) as Record<string, string>,
  };
}

/** Servers that DHCP servers named, in the order in which the networks are looked up. */
function leasedServers(container: Container, view: Pick<Store, 'get'>): string[] {
  return lookupOrder(container, view).flatMap((network) => {
    const lease = container.endpoints.find((each) => each.networkId === network.id)?.lease;
    return (lease?.dns ?? []).filter((server) => dnsOf(network).gateway || server !== lease?.gateway);
  });
}

function zoneOf(network: Network, members: Member[], uplink: ObservedLink | undefined): Zone {
  return {
    networkId: network.id,
    networkName: network.name,
    ttl: dnsTtl(network),
    internal: network.internal,
    upstreams: dnsOf(network).servers,
    // Who publishes ports does not meet there.
    members: dnsOf(network).discovery && !network.overlay?.ingress ? members : [],
    // The node is not in the VLAN, and a router need not lead to it from there.
    gateway: (network.vlan === undefined ? nodeSeenFrom(network, uplink) : undefined) ?? '',
  };
}
