import type { Translation } from '#lib/domain';
import type { Speaker } from '#lib/host';
import { holds, parseAddress, parseCidr } from '#lib/ipam';
import { ingressPorts } from './nat/ingress.js';
import { mappingsOf } from './nat/published.js';
import { isBehindNode } from './options.js';
import type { PortWays, RuleInput, Stray } from './rule-source.js';

/**
 * Conversations by addresses that stand for others, with whom these do not stand for now. Pure.
 * @param have what stood for whom before
 * @returns undefined where there can be none, because nobody was lost
 */
export function strayBehind(have: readonly Translation[], want: readonly Translation[]): Stray | undefined {
  const now = new Map(want.map(({ address, to }) => [address, new Set(to)]));
  const lost = have.filter(({ address, to }) => to.some((target) => now.get(address)?.has(target) !== true));
  if (lost.length === 0) return undefined;
  const addresses = new Set(lost.map(({ address }) => address));
  return ({ to, with: by }) => addresses.has(to.address) && now.get(to.address)?.has(by.address) !== true;
}

/**
 * Conversations with the node's own addresses: at a port that is published, with whom it does not lead to (also those that
 * began before it was published, with the node itself); at any other port, with endpoints of the node's networks. And those
 * that a container began which has gone, and which come back to a published port: as long as the other side goes on
 * speaking, they are the port's as well. Pure.
 */
export function portWays({ networks, containers, attached, services, links }: RuleInput): PortWays {
  const byId = new Map(networks.map((network) => [network.id, network]));
  const ways = new Map<string, Set<string>>();
  /** who is to be asked by the node itself */
  const aside = new Set<string>();
  const lead = (from: string, ...to: string[]) => ways.set(from, new Set([...(ways.get(from) ?? []), ...to]));
  for (const family of ['ipv4', 'ipv6'] as const) {
    for (const mapping of mappingsOf(family, byId, containers)) {
      const { hostAddress, protocol, hostPort, address, containerPort, hidesClients } = mapping;
      if (protocol !== 'udp') continue;
      lead(`${hostAddress} ${hostPort}`, `${address} ${containerPort}`);
      if (hidesClients) aside.add(`${address} ${containerPort}`);
    }
  }
  for (const { protocol, port, target, ipv4, ipv6 } of ingressPorts(networks, services)) {
    if (protocol === 'udp') lead(` ${port}`, ...[...ipv4, ...ipv6].map((address) => `${address} ${target}`));
  }
  const own = new Set([...links.values()].flatMap(({ addresses }) => addresses.map((each) => each.split('/')[0]!)));
  const leading = ({ address, port }: Speaker) =>
    [` ${port}`, `${address} ${port}`].flatMap((from) => ways.get(from) ?? []);
  const here = new Set(attached.flatMap(({ endpoints }) => endpoints.flatMap(({ ipv4, ipv6 }) => [ipv4, ipv6])));
  const subnets = networks
    .filter(isBehindNode)
    .flatMap(({ name, pools }) => pools.map(({ subnet }) => parseCidr(subnet, `network ${name}`)));
  const isOurs = ({ address }: Speaker) => {
    const { family, value } = parseAddress(address, 'conntrack');
    return subnets.some((subnet) => holds(subnet, family, value));
  };
  return {
    text: JSON.stringify([[...ways].map(([from, to]) => [from, [...to].sort()]).sort(), [...aside].sort()]),
    stray: ({ from, to, with: by, back }) => {
      const begunByGone =
        back.address !== from.address && own.has(back.address) && isOurs(from) && !here.has(from.address);
      if (begunByGone && leading(back).length > 0) return true;
      if (!own.has(to.address) && !to.address.startsWith('127.')) return false;
      const known = leading(to);
      const answers = `${by.address} ${by.port}`;
      const goesPast = aside.has(answers) && from.address === back.address;
      if (known.length > 0) return goesPast || !known.some((targets) => targets.has(answers));
      return by.address !== to.address && isOurs(by);
    },
  };
}
