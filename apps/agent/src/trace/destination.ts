import ipaddr from 'ipaddr.js';
import type { Container, Network } from '#lib/domain';
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
  if (!facts.nodeAddresses.includes(address)) return { kind: 'outside', address };
  return publishedAt(address, facts) ?? { kind: 'node', address };
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
