import type { Cluster, ClusterNetwork, IpamPool } from '#lib/domain';
import { messageOf } from '#lib/common';
import { grantPool } from '#lib/ipam';
import type { ClusterChange } from '#lib/store';

/** The ingress network's; user networks follow. */
const FIRST_VNI = 4096;
const LAST_VNI = 0xffffff;

/** Subnets and VNIs for networks that have none yet; why not, where there is none left. Pure. */
export function allocateNetworks(networks: readonly ClusterNetwork[], cluster: Cluster, at: string): ClusterChange[] {
  const vnis = new Set(networks.flatMap((network) => network.vni ?? []));
  const taken = networks.flatMap((network) =>
    network.pools.map((pool) => ({ cidr: pool.subnet, by: `network ${network.name}` })),
  );
  const changes: ClusterChange[] = [];
  for (const network of networks.filter((each) => each.vni === undefined)) {
    try {
      const pools = poolsOf(network, cluster, taken);
      const vni = nextVni(network, vnis);
      vnis.add(vni);
      taken.push(...pools.map((pool) => ({ cidr: pool.subnet, by: `network ${network.name}` })));
      const { allocationError: _past, ...rest } = network;
      changes.push({ op: 'put', kind: 'network', value: { ...rest, vni, pools, updatedAt: at } });
    } catch (error) {
      const allocationError = messageOf(error);
      if (network.allocationError === allocationError) continue;
      changes.push({ op: 'put', kind: 'network', value: { ...network, allocationError, updatedAt: at } });
    }
  }
  return changes;
}

/** For the create, too: a subnet that cannot be had is refused there. */
export function poolsOf(
  network: Pick<ClusterNetwork, 'asked' | 'enableIPv6'>,
  cluster: Pick<Cluster, 'addressPools'>,
  taken: readonly { cidr: string; by: string }[],
): IpamPool[] {
  const bases = cluster.addressPools.map(({ base, size }) => ({ base, size, order: 'first-to-last' as const }));
  const families = [4, ...(network.enableIPv6 ? [6] : [])] as (4 | 6)[];
  return families.map((family) => {
    const asked = network.asked.find((pool) => (pool.subnet ?? '').includes(':') === (family === 6)) ?? {};
    return grantPool(asked, {
      family,
      taken,
      bases: bases.filter(({ base }) => base.includes(':') === (family === 6)),
    });
  });
}

function nextVni(network: ClusterNetwork, used: ReadonlySet<number>): number {
  if (network.ingress) return FIRST_VNI;
  for (let vni = FIRST_VNI + 1; vni <= LAST_VNI; vni++) if (!used.has(vni)) return vni;
  throw new Error('no VXLAN network identifier is left');
}
