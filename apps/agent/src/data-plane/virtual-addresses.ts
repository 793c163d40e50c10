import type { Container, ServiceBackends, Translation } from '#lib/domain';

/**
 * The virtual addresses that each container may send to, those of services on its networks, with the replicas that they
 * stand for now. Containers begin with different replicas, so that many callers of one request each spread too. Pure.
 */
export function translationsFor(
  containers: readonly Container[],
  services: readonly ServiceBackends[],
): Map<string, Translation[]> {
  const byNetwork = new Map<string, Translation[]>();
  for (const { service, networkId, backends } of services) {
    const virtual = service.virtualAddresses[networkId] ?? {};
    const chosen = backends.filter((each) => each.withheld === '');
    for (const family of ['ipv4', 'ipv6'] as const) {
      const address = virtual[family];
      if (address === undefined) continue;
      const to = chosen.flatMap((each) => each[family] ?? []);
      byNetwork.set(networkId, [...(byNetwork.get(networkId) ?? []), { address, to }]);
    }
  }
  const found = new Map<string, Translation[]>();
  for (const container of byNetwork.size === 0 ? [] : containers) {
    if (container.networkMode !== 'bridged') continue;
    const start = Number.parseInt(container.id.slice(0, 6), 16);
    const own = container.endpoints.flatMap((at) => byNetwork.get(at.networkId) ?? []);
    if (own.length === 0) continue;
    const turned = own.map(({ address, to }) => ({ address, to: from(to, start) }));
    found.set(
      container.id,
      turned.sort((a, b) => (a.address < b.address ? -1 : 1)),
    );
  }
  return found;
}

function from<T>(all: readonly T[], start: number): T[] {
  const at = all.length === 0 ? 0 : start % all.length;
  return [...all.slice(at), ...all.slice(0, at)];
}
