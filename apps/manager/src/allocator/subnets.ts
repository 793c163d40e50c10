import type { Cluster, ClusterNetwork, ClusterNode, IpamPool } from '#lib/domain';
import { digestOf, messageOf, SkepError } from '#lib/common';
import { grantPool, overlaps, parseCidr, uniqueLocalPrefix, type Base, type Family, type Taken } from '#lib/ipam';
import type { ClusterChange, ClusterView } from '#lib/store';
import { clusterOf } from '../cluster/found.js';

/** The ingress network's; user networks follow. */
const FIRST_VNI = 4096;
const LAST_VNI = 0xffffff;

/**
 * Subnets and VNIs for networks that have none yet; why not, where there is none left. A subnet of ours is chosen when the
 * founder has said what it reaches by itself: it does so a moment after the cluster is there. Pure.
 */
export function allocateNetworks(view: Pick<ClusterView, 'list'>, at: string): ClusterChange[] {
  const networks = [...view.list('network')];
  const changes: ClusterChange[] = [];
  const isKnown = view.list('node').some(({ description }) => description !== undefined);
  const waits = ({ asked }: ClusterNetwork) => !isKnown && !asked.some(({ subnet }) => subnet?.includes('.'));
  networks.forEach((network, index) => {
    if (network.vni !== undefined || waits(network)) return;
    try {
      // The next one sees what this one got.
      networks[index] = { ...placedNetwork(network, networks, view), updatedAt: at };
      changes.push({ op: 'put', kind: 'network', value: networks[index] });
    } catch (error) {
      const allocationError = messageOf(error);
      if (network.allocationError === allocationError) return;
      changes.push({ op: 'put', kind: 'network', value: { ...network, allocationError, updatedAt: at } });
    }
  });
  return changes;
}

/** The network with a subnet for each family and a VNI; `conflict` names what a subnet that is asked for overlaps. Pure. */
export function placedNetwork(
  network: ClusterNetwork,
  networks: readonly ClusterNetwork[],
  view: Pick<ClusterView, 'list'>,
): ClusterNetwork {
  const others = networks.filter((other) => other.id !== network.id);
  const taken = [
    ...others.flatMap(({ name, pools }) => pools.map(({ subnet }) => ({ cidr: subnet, by: `network ${name}` }))),
    ...view.list('node').flatMap(prefixesOf),
  ];
  const pools = poolsOf(network, clusterOf(view), taken);
  const vni = nextVni(network, new Set(others.flatMap((other) => other.vni ?? [])));
  const { allocationError: _past, ...rest } = network;
  return { ...rest, vni, pools };
}

/** What the node reaches without the cluster's networks: a subnet that overlaps it would cut the node off. */
function prefixesOf({ id, description }: ClusterNode): Taken[] {
  const name = description?.hostname || id;
  return (description?.prefixes ?? []).map(({ cidr, by }) => ({ cidr, by: `${by} of node ${name}` }));
}

/** What of its own the network would hide from a node: `subnet 10.0.1.0/24 of network wide overlaps link eth1 (10.0.0.0/16)`. */
export function cutOffBy({ name, pools }: ClusterNetwork, node: ClusterNode | undefined): string | undefined {
  for (const { subnet } of pools) {
    const own = parseCidr(subnet, 'subnet');
    const hidden = node?.description?.prefixes?.find(({ cidr, by }) => overlaps(own, parseCidr(cidr, by)));
    if (hidden) return `subnet ${subnet} of network ${name} overlaps ${hidden.by} (${hidden.cidr})`;
  }
  return undefined;
}

function poolsOf(
  network: Pick<ClusterNetwork, 'asked' | 'enableIPv6'>,
  { id, addressPools }: Cluster,
  taken: readonly Taken[],
): IpamPool[] {
  const bases = addressPools.map(({ base, size }): Base => ({ base, size, order: 'first-to-last' }));
  bases.push({ base: uniqueLocalPrefix(digestOf(`ula ${id}`)), size: 64, order: 'first-to-last' });
  const families = [4, ...(network.enableIPv6 ? [6] : [])] as Family[];
  return families.map((family) => {
    const asked = network.asked.find((pool) => (pool.subnet ?? '').includes(':') === (family === 6)) ?? {};
    try {
      return grantPool(asked, {
        family,
        taken,
        bases: bases.filter(({ base }) => base.includes(':') === (family === 6)),
      });
    } catch (error) {
      if (!SkepError.is(error, 'exhausted')) throw error;
      const hint =
        'the pools are those of docker swarm init --default-addr-pool; what nodes reach by themselves is left out';
      throw new SkepError('exhausted', `${error.message} (${hint})`, { cause: error });
    }
  });
}

function nextVni(network: ClusterNetwork, used: ReadonlySet<number>): number {
  if (network.ingress) return FIRST_VNI;
  for (let vni = FIRST_VNI + 1; vni <= LAST_VNI; vni++) if (!used.has(vni)) return vni;
  throw new SkepError('exhausted', 'no VXLAN network identifier is left');
}
