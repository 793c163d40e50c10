import { messageOf, SkepError, stableStringify } from '#lib/common';
import { isBefore, type Service, type Task } from '#lib/domain';
import type { ClusterChange, ClusterView } from '#lib/store';
import type { Loop } from '../loops/loop.js';
import { AddressBook, nodeAddresses, virtualAddresses, withAddresses } from './addresses.js';
import { allocatePorts } from './ports.js';
import { allocateNetworks } from './subnets.js';

/** Looks again at what could not be had for want of addresses. Milliseconds. */
const AGAIN = 2_000;

/** Gives networks their subnets, services their ports and virtual addresses, nodes and new tasks their addresses. */
export const allocator: Loop = {
  name: 'allocator',
  reads: ['cluster', 'network', 'node', 'service', 'task', 'attachment'],
  decide(view, now) {
    const at = new Date(now).toISOString();
    const networks = allocateNetworks(view, at);
    // Tasks and services are looked at when the networks are committed.
    if (networks.length > 0) return { changes: networks };
    const book = new AddressBook(view, now);
    const nodes = allocateNodes(view, book, at);
    const services = allocateServices(view, book, at);
    const tasks = allocateTasks(view, book, at);
    const waits = tasks.some((change) => change.op === 'put' && (change.value as Task).status.err !== undefined);
    return { changes: [...nodes, ...services, ...tasks], ...(waits && { wakeAt: now + AGAIN }) };
  },
};

/** A node without an address publishes nothing; the ingress network may be full, and then it waits for one that goes. */
function allocateNodes(view: ClusterView, book: AddressBook, at: string): ClusterChange[] {
  return view.list('node').flatMap((node): ClusterChange[] => {
    try {
      const addresses = nodeAddresses(node, book);
      if (stableStringify(addresses) === stableStringify(node.addresses ?? {})) return [];
      return [{ op: 'put', kind: 'node', value: { ...node, addresses, updatedAt: at } }];
    } catch (error) {
      if (SkepError.is(error, 'exhausted')) return [];
      throw error;
    }
  });
}

function allocateServices(view: ClusterView, book: AddressBook, at: string): ClusterChange[] {
  const services = [...view.list('service')];
  return services.flatMap((service, index): ClusterChange[] => {
    const next = allocated(service, services, book);
    // The next one sees what this one got.
    services[index] = next;
    const same =
      JSON.stringify([next.ports, next.virtualAddresses, next.allocationError]) ===
      JSON.stringify([service.ports, service.virtualAddresses, service.allocationError]);
    return same ? [] : [{ op: 'put', kind: 'service', value: { ...next, updatedAt: at } }];
  });
}

function allocated(service: Service, services: readonly Service[], book: AddressBook): Service {
  const { allocationError: _past, ...rest } = service;
  try {
    const ports = allocatePorts(service, services);
    return { ...rest, ports, virtualAddresses: virtualAddresses(service, book) };
  } catch (error) {
    return { ...service, allocationError: messageOf(error) };
  }
}

function allocateTasks(view: ClusterView, book: AddressBook, at: string): ClusterChange[] {
  return view
    .list('task')
    .filter((task) => task.status.state === 'new' && isBefore(task.desired, 'shutdown'))
    .flatMap((task): ClusterChange[] => {
      const service = view.get('service', task.serviceId)?.value;
      if (!service) return [];
      const given = service.allocationError ? { why: service.allocationError } : withAddresses(task, service, book);
      if ('why' in given) {
        if (task.status.err === given.why) return [];
        const status = { ...task.status, message: 'waiting for addresses and ports', err: given.why };
        return [{ op: 'put', kind: 'task', value: { ...task, status, updatedAt: at } }];
      }
      const status = { state: 'pending' as const, at, message: 'pending task scheduling' };
      return [{ op: 'put', kind: 'task', value: { ...given, ports: service.ports, status, updatedAt: at } }];
    });
}
