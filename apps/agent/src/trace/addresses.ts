import ipaddr from 'ipaddr.js';
import type { Container, Network, Peer } from '#lib/domain';
import { networksOf, type TraceFacts } from './facts.js';

/** As the kernel and the networks write it: `FD00::0001` is fd00::1, and an IPv4 address in an IPv6 one is that. */
export function canonical(address: string): string {
  return ipaddr.process(address).toString();
}

export function isV6(address: string): boolean {
  return address.includes(':');
}

export function isLoopback(address: string): boolean {
  return ipaddr.parse(address).range() === 'loopback';
}

/** Is it in the subnet, and nothing that the subnet keeps for the gateway or for whoever is no container? */
export function isForContainers(address: string, { pools }: Network): boolean {
  return pools.some(({ subnet, gateway, auxAddresses = {} }) => {
    const [at, range] = [ipaddr.parse(address), ipaddr.parseCIDR(subnet)];
    const inside = at.kind() === range[0].kind() && at.match(range);
    return inside && address !== gateway && !Object.values(auxAddresses).includes(address);
  });
}

/** Who has the address; where networks overlap (VLANs), one that `from` is on comes first. */
export function holderOf(address: string, facts: TraceFacts): { holder: Container; network: Network } | undefined {
  const mine = new Set(networksOf(facts.from, facts).map(({ id }) => id));
  const all = facts.containers.flatMap(({ container: holder }) =>
    holder.endpoints
      .filter(({ ipv4, ipv6, linkLocal = [] }) => [ipv4, ipv6, ...linkLocal].includes(address))
      .flatMap(({ networkId }) => facts.networks.find(({ id }) => id === networkId) ?? [])
      .map((network) => ({ holder, network })),
  );
  return all.find(({ network }) => mine.has(network.id)) ?? all[0];
}

/** Who has it on another node of the swarm. */
export function peerOf(address: string, facts: TraceFacts): { peer: Peer; network: Network } | undefined {
  const peer = facts.peers.find(({ ipv4, ipv6 }) => ipv4 === address || ipv6 === address);
  const network = facts.networks.find(({ id }) => id === peer?.networkId);
  return peer && network && { peer, network };
}
