import type { Container, Network, Peer } from '#lib/domain';
import { ingressPorts, mappingsOf } from '#lib/drivers';
import { holderOf, isLoopback, isV6, peerOf } from './addresses.js';
import type { Nowhere, TraceFacts } from './facts.js';

/** A port of the node that leads to a container; `port` is the container's. */
export interface PublishedPort {
  kind: 'published';
  address: string;
  holder: Container;
  network: Network;
  port: number;
  service?: Answering;
}

/** One that leads to a task of the swarm on another node. */
export interface RelayedPort {
  kind: 'relayed';
  address: string;
  peer: Peer;
  network: Network;
  port: number;
  service: Answering;
}

/** A service whose tasks take turns, and how many of them do. */
export interface Answering {
  name: string;
  count: number;
}

/** What the port of the question leads to at an address of the node, in the order of the node's rules; undefined: nothing. */
export function portAt(address: string, facts: TraceFacts): PublishedPort | RelayedPort | Nowhere | undefined {
  // The node translates nothing for ::1.
  if (isV6(address) && isLoopback(address)) return undefined;
  return mappedAt(address, facts) ?? ingressAt(address, facts);
}

function mappedAt(address: string, facts: TraceFacts): PublishedPort | undefined {
  const networks = new Map(facts.networks.map((network) => [network.id, network]));
  const containers = facts.containers.map(({ container }) => container);
  const mapping = mappingsOf(familyOf(address), networks, containers).find(
    ({ hostAddress, hostPort, protocol }) =>
      (hostAddress === '' || hostAddress === address) && hostPort === facts.port && protocol === facts.protocol,
  );
  const at = mapping && holderOf(mapping.address, facts);
  return mapping && at && { kind: 'published', address, ...at, port: mapping.containerPort };
}

/** The first of the replicas: each connection goes to another one. */
function ingressAt(address: string, facts: TraceFacts): PublishedPort | RelayedPort | Nowhere | undefined {
  const { networks, services, port, protocol } = facts;
  const [found] = services.flatMap((each) =>
    ingressPorts(networks, [each])
      .filter((open) => open.port === port && open.protocol === protocol)
      .map((open) => ({ ...open, name: each.service.name })),
  );
  if (!found) return undefined;
  const { name, target } = found;
  const { [familyOf(address)]: ready } = found;
  const service = { name, count: ready.length };
  const [first] = ready;
  if (first === undefined) {
    const lacks =
      found.ipv4.length + found.ipv6.length > 0 ? `has an ${isV6(address) ? 'IPv6' : 'IPv4'} address` : 'is ready';
    const says = `port ${port}/${protocol} of every node leads to service ${name}, and none of its tasks ${lacks}`;
    return {
      kind: 'nowhere',
      address,
      why: { about: 'network', state: 'no', says, advice: `docker service ps ${name}` },
    };
  }
  const at = holderOf(first, facts);
  if (at) return { kind: 'published', address, ...at, port: target, service };
  const away = peerOf(first, facts);
  return away && { kind: 'relayed', address, ...away, port: target, service };
}

const familyOf = (address: string) => (isV6(address) ? 'ipv6' : 'ipv4');
