import {
  containerIdOf,
  withheld,
  type Backend,
  type ObservedContainer,
  type ServiceBackends,
  type VirtualAddress,
} from '#lib/domain';
import type { Store } from '#lib/store';

/**
 * Who answers for each assigned service, on each of its networks: this node's own tasks by what is known of their
 * containers at this moment, those of other nodes by the manager's word. Pure.
 */
export function backendsOf(
  view: Pick<Store, 'get' | 'list'>,
  observed: ReadonlyMap<string, ObservedContainer>,
): ServiceBackends[] {
  const byService = new Map<string, Map<string, Backend[]>>();
  const note = (serviceId: string, networkId: string, backend: Backend) => {
    const networks = byService.get(serviceId) ?? new Map<string, Backend[]>();
    byService.set(serviceId, networks.set(networkId, [...(networks.get(networkId) ?? []), backend]));
  };
  const assignments = view.list('assignment');
  for (const { kind, value } of assignments) {
    if (kind === 'task') {
      const id = containerIdOf(value.id);
      const container = view.get('container', id)?.value;
      if (!container) continue;
      const why = withheld(container, view.get('status', id)?.value, observed.get(id));
      for (const at of value.attachments) note(value.serviceId, at.networkId, backend(value.id, true, at, why));
    } else if (kind === 'peer') {
      const { hidesClients } = value;
      const there = backend(value.id, false, value, value.withheld);
      note(value.serviceId, value.networkId, hidesClients ? { ...there, hidesClients } : there);
    }
  }
  return assignments.flatMap((each) => {
    if (each.kind !== 'service') return [];
    const networks = byService.get(each.id) ?? new Map<string, Backend[]>();
    const ids = new Set([...Object.keys(each.value.virtualAddresses), ...networks.keys()]);
    return [...ids].sort().map((networkId) => ({
      service: each.value,
      networkId,
      backends: (networks.get(networkId) ?? []).toSorted((a, b) => (a.taskId < b.taskId ? -1 : 1)),
    }));
  });
}

function backend(taskId: string, local: boolean, { ipv4, ipv6 }: VirtualAddress, why: string): Backend {
  return { taskId, local, ...(ipv4 !== undefined && { ipv4 }), ...(ipv6 !== undefined && { ipv6 }), withheld: why };
}
