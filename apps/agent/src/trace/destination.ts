import ipaddr from 'ipaddr.js';
import type { Container, Network, Peer } from '#lib/domain';
import { mappingsOf } from '#lib/drivers';
import { networksOf, ownerOf, type TraceFacts } from './facts.js';

/** What an address is, seen from the container that asks. */
export type Destination =
  | { kind: 'itself'; address: string; holder: Container; port?: number }
  /** on a network that both are on */
  | { kind: 'neighbour'; address: string; holder: Container; network: Network; port?: number }
  /** a container of this node that shares no network */
  | { kind: 'stranger'; address: string; holder: Container; network: Network; port?: number }
  /** a port of the node that leads to a container; `port` is the container's */
  | { kind: 'published'; address: string; holder: Container; network: Network; port: number }
  /** a container of the swarm on another node, by a network that both are on */
  | { kind: 'remote'; address: string; peer: Peer; network: Network }
  | { kind: 'node'; address: string }
  | { kind: 'outside'; address: string };

/** Pure. */
export function destinationOf(address: string, facts: TraceFacts): Destination {
  const { from, port } = facts;
  const me = ownerOf(from, facts);
  const ports = port === undefined ? {} : { port };
  const at = holderOf(address, facts);
  if (isLoopback(address) || at?.holder.id === me.id) return { kind: 'itself', address, holder: me, ...ports };
  if (at) {
    const shared = networksOf(from, facts).some((each) => each.id === at.network.id);
    return { kind: shared ? 'neighbour' : 'stranger', address, ...at, ...ports };
  }
  const remote = remoteAt(address, facts);
  if (remote) return remote;
  if (!facts.nodeAddresses.includes(address)) return { kind: 'outside', address };
  return publishedAt(address, facts) ?? { kind: 'node', address };
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

function remoteAt(address: string, facts: TraceFacts): Destination | undefined {
  const peer = facts.peers.find(({ ipv4, ipv6 }) => ipv4 === address || ipv6 === address);
  const network = networksOf(facts.from, facts).find(({ id }) => id === peer?.networkId);
  return peer && network && { kind: 'remote', address, peer, network };
}

export function isV6(address: string): boolean {
  return address.includes(':');
}

function isLoopback(address: string): boolean {
  return ipaddr.parse(address).range() === 'loopback';
}

/** Who has the address; where networks overlap (VLANs), one that `from` is on comes first. */
function holderOf(address: string, facts: TraceFacts): { holder: Container; network: Network } | undefined {
  const mine = new Set(networksOf(facts.from, facts).map(({ id }) => id));
  const all = facts.containers.flatMap(({ container: holder }) =>
    holder.endpoints
      .filter(({ ipv4, ipv6 }) => ipv4 === address || ipv6 === address)
      .flatMap(({ networkId }) => facts.networks.find(({ id }) => id === networkId) ?? [])
      .map((network) => ({ holder, network })),
  );
  return all.find(({ network }) => mine.has(network.id)) ?? all[0];
}

function publishedAt(address: string, facts: TraceFacts): Destination | undefined {
  const networks = new Map(facts.networks.map((network) => [network.id, network]));
  const containers = facts.containers.map(({ container }) => container);
  const mapping = mappingsOf(isV6(address) ? 'ipv6' : 'ipv4', networks, containers).find(
    ({ hostAddress, hostPort, protocol }) =>
      (hostAddress === '' || hostAddress === address) && hostPort === facts.port && protocol === facts.protocol,
  );
  const at = mapping && holderOf(mapping.address, facts);
  return mapping && at && { kind: 'published', address, ...at, port: mapping.containerPort };
}
