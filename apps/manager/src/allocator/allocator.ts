import { messageOf, SkepError, stableStringify } from '#lib/common';
import { isBefore, type Service } from '#lib/domain';
import type { ClusterChange, ClusterView } from '#lib/store';
import type { Loop } from '../loops/loop.js';
import { AddressBook, nodeAddresses, withAddresses } from './addresses.js';
import { allocatePorts } from './ports.js';
import { allocateNetworks } from './subnets.js';
import { recordVirtual, virtualAddresses } from './virtual-addresses.js';

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
    const looks = [allocateNodes(view, book, at), allocateServices(view, book, now), allocateTasks(view, book, at)];
    const waits = looks.some((look) => look.waits);
    return {
      changes: looks.flatMap((look) => look.changes),
      // Whatever else is waited for comes with a commit.
      ...(waits && book.nextRested !== undefined && { wakeAt: book.nextRested }),
    };
  },
};

interface Look {
  changes: ClusterChange[];
  /** somebody did not get all that there is to be, in this look or in one before it */
  waits: boolean;
}

/** A node without an address publishes nothing; the ingress network may be full, and then it waits for one that goes. */
function allocateNodes(view: ClusterView, book: AddressBook, at: string): Look {
  let waits = false;
  const changes = view.list('node').flatMap((node): ClusterChange[] => {
    try {
      const addresses = nodeAddresses(node, book);
      if (stableStringify(addresses) === stableStringify(node.addresses ?? {})) return [];
      return [{ op: 'put', kind: 'node', value: { ...node, addresses, updatedAt: at } }];
    } catch (error) {
      if (!SkepError.is(error, 'exhausted')) throw error;
      waits = true;
      return [];
    }
  });
  return { changes, waits };
}

function allocateServices(view: ClusterView, book: AddressBook, now: number): Look {
  const updatedAt = new Date(now).toISOString();
  const services = [...view.list('service')];
  const changes = services.flatMap((service, index): ClusterChange[] => {
    const next = allocated(service, services, book);
    // The next one sees what this one got.
    services[index] = next;
    const same =
      JSON.stringify([next.ports, next.virtualAddresses, next.allocationError]) ===
      JSON.stringify([service.ports, service.virtualAddresses, service.allocationError]);
    return same ? [] : [{ op: 'put', kind: 'service', value: { ...next, updatedAt } }];
  });
  changes.push(...recordVirtual(view.list('network'), services, now));
  return { changes, waits: services.some((service) => service.allocationError !== undefined) };
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

function allocateTasks(view: ClusterView, book: AddressBook, at: string): Look {
  let waits = false;
  const changes = view
    .list('task')
    .filter((task) => task.status.state === 'new' && isBefore(task.desired, 'shutdown'))
    .flatMap((task): ClusterChange[] => {
      const service = view.get('service', task.serviceId)?.value;
      if (!service) return [];
      const given = service.allocationError ? { why: service.allocationError } : withAddresses(task, service, book);
      if ('why' in given) {
        waits = true;
        if (task.status.err === given.why) return [];
        const status = { ...task.status, message: 'waiting for addresses and ports', err: given.why };
        return [{ op: 'put', kind: 'task', value: { ...task, status, updatedAt: at } }];
      }
      const status = { state: 'pending' as const, at, message: 'pending task scheduling' };
      return [{ op: 'put', kind: 'task', value: { ...given, ports: service.ports, status, updatedAt: at } }];
    });
  return { changes, waits };
}
