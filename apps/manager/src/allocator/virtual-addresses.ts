import type { ClusterNetwork, Service, VirtualAddressRecord } from '#lib/domain';
import type { ClusterChange } from '#lib/store';
import { isSame, networksOf, restOf, type AddressBook } from './addresses.js';

/** Virtual addresses on each network, where the service wants them. What it has it keeps. */
export function virtualAddresses(service: Service, book: AddressBook): Service['virtualAddresses'] {
  if (service.spec.EndpointSpec?.Mode === 'dnsrr') return {};
  const addresses: Service['virtualAddresses'] = {};
  for (const { Target: target } of networksOf(service.spec)) {
    const network = book.network(target);
    if (!network || network.vni === undefined) continue;
    const known = service.virtualAddresses[network.id];
    addresses[network.id] = known ?? book.lease(network, `service ${service.spec.Name}`);
  }
  return addresses;
}

/**
 * The books of networks brought up to date. A service that is removed takes its row along, so what it had is written down
 * beside it: its name may be remembered, and the address rests like a task's. Pure.
 * @param services as they are to be
 */
export function recordVirtual(
  networks: readonly ClusterNetwork[],
  services: readonly Service[],
  now: number,
): ClusterChange[] {
  return networks.flatMap((network): ClusterChange[] => {
    const held = services.flatMap(({ id: serviceId, virtualAddresses: { [network.id]: at } }) =>
      at ? [{ serviceId, ...at }] : [],
    );
    const releasing = (network.virtual ?? [])
      .filter((record) => !held.some((each) => each.serviceId === record.serviceId && isSame(each, record)))
      .map((record) => ({ ...record, releasedAt: record.releasedAt ?? new Date(now).toISOString() }))
      .filter(({ releasedAt }) => Date.parse(releasedAt) + restOf(network) > now);
    const virtual: VirtualAddressRecord[] = [...releasing, ...held];
    if (JSON.stringify(virtual) === JSON.stringify(network.virtual ?? [])) return [];
    return [{ op: 'put', kind: 'network', value: { ...network, virtual } }];
  });
}
