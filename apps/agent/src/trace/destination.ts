import type { Container, Network, Peer } from '#lib/domain';
import { isBehindNode } from '#lib/drivers';
import { holderOf, isForContainers, isLoopback, isV6, peerOf } from './addresses.js';
import { isOnNode, networksOf, ownerOf, type Nowhere, type TraceFacts } from './facts.js';
import { unsharedPeer } from './name-checks.js';
import { portAt, type PublishedPort, type RelayedPort } from './node-ports.js';

/** What an address is, seen from the container that asks. */
export type Destination =
  | { kind: 'itself'; address: string; holder: Container; port?: number }
  /** on a network that both are on */
  | { kind: 'neighbour'; address: string; holder: Container; network: Network; port?: number }
  /** a container of this node that shares no network */
  | { kind: 'stranger'; address: string; holder: Container; network: Network; port?: number }
  | PublishedPort
  | RelayedPort
  /** a container of the swarm on another node, by a network that both are on */
  | { kind: 'remote'; address: string; peer: Peer; network: Network }
  | { kind: 'node'; address: string }
  | { kind: 'outside'; address: string }
  | Nowhere;

/** Pure. */
export function destinationOf(address: string, facts: TraceFacts): Destination {
  const { from, port } = facts;
  const me = ownerOf(from, facts);
  const ports = port === undefined ? {} : { port };
  const at = holderOf(address, facts);
  const loopback = isLoopback(address);
  if ((loopback && !isOnNode(from, facts)) || at?.holder.id === me.id)
    return { kind: 'itself', address, holder: me, ...ports };
  if (at) {
    const shared = networksOf(from, facts).some((each) => each.id === at.network.id);
    return { kind: shared ? 'neighbour' : 'stranger', address, ...at, ...ports };
  }
  const away = peerOf(address, facts);
  if (away) return awayAt(address, away, facts);
  if (loopback || facts.nodeAddresses.includes(address)) return portAt(address, facts) ?? { kind: 'node', address };
  return vacantAt(address, facts) ?? { kind: 'outside', address };
}

/**
 * The replica that a service's virtual address is followed to, and how many there are; undefined: it is no such address.
 * Each connection goes to another one of them.
 */
export function replicaAt(
  address: string,
  facts: TraceFacts,
): { service: string; count: number; first?: string } | undefined {
  const mine = new Set(networksOf(facts.from, facts).map(({ id }) => id));
  const found = facts.services.find(({ service, networkId }) => {
    const at = service.virtualAddresses[networkId];
    return mine.has(networkId) && (at?.ipv4 === address || at?.ipv6 === address);
  });
  if (!found) return undefined;
  const ready = found.backends.filter(({ withheld }) => withheld === '');
  const first = ready.map((each) => each[isV6(address) ? 'ipv6' : 'ipv4']).find((each) => each !== undefined);
  return { service: found.service.name, count: ready.length, ...(first !== undefined && { first }) };
}

/**
 * A node is on its overlay networks as the gateway, which every node is by the same address: who is elsewhere answers its
 * own node. On the ingress network each node has an address of its own.
 */
function awayAt(address: string, away: { peer: Peer; network: Network }, facts: TraceFacts): Destination {
  const near = isOnNode(facts.from, facts) ? away.network.overlay?.ingress : isOn(away.network, facts);
  if (near) return { kind: 'remote', address, ...away };
  return { kind: 'nowhere', address, why: unsharedPeer(away.peer, facts) };
}

/** On a network behind the node every address is a container's, or nobody's. */
function vacantAt(address: string, facts: TraceFacts): Nowhere | undefined {
  const near = facts.networks.filter(
    (each) => isBehindNode(each) && (isOnNode(facts.from, facts) || isOn(each, facts)),
  );
  const network = near.find((each) => isForContainers(address, each));
  if (!network) return undefined;
  const says = `no container on ${network.name} (${network.driver}) has ${address}`;
  const advice = `docker network inspect ${network.name} shows who has which`;
  return { kind: 'nowhere', address, why: { about: 'network', state: 'no', says, advice } };
}

const isOn = ({ id }: Network, facts: TraceFacts) => networksOf(facts.from, facts).some((each) => each.id === id);
