import {
  dnsTtl,
  isNodeNetwork,
  isTerminal,
  type AddressFamily,
  type ClusterNetwork,
  type ClusterNode,
  type NetworkAttachment,
  type Service,
  type Task,
  type TaskAttachment,
  type VirtualAddress,
} from '#lib/domain';
import { messageOf, SkepError } from '#lib/common';
import { leaseAddresses, leaseListed, type AddressRange } from '#lib/ipam';
import type { ClusterView } from '#lib/store';
import { ingressNetwork, NO_INGRESS, usesIngress } from '../ingress/ingress.js';
import { earliest } from '../loops/loop.js';
import { listedAddresses } from './static-addresses.js';
import { cutOffBy } from './subnets.js';

const FAMILIES: readonly AddressFamily[] = ['ipv4', 'ipv6'];

/** What somebody wishes of one address; nothing: any. */
interface Wish {
  /** this one and no other */
  address?: string;
  /** this one, where it is free */
  preferred?: string;
  /** one of these, if possible the `place`th (from 0) */
  listed?: readonly AddressRange[];
  place?: number;
}

/** Who has which address of each network; one book for a whole decision, so that nothing is given twice. */
export class AddressBook {
  /** network id → address → its holder, in words for people */
  private readonly used = new Map<string, Map<string, string>>();
  private readonly resting = new Map<string, Set<string>>();
  /** when time alone frees an address; undefined: none rests. Milliseconds since the epoch */
  nextRested: number | undefined;
  /** listed by services for their tasks alone */
  private readonly promised = new Map<string, AddressRange[]>();

  /** @param besides what is not counted: tasks of a service; attachments that end now, whose addresses rest */
  constructor(
    private readonly view: ClusterView,
    private readonly now: number,
    besides: { service?: string; attachments?: ReadonlySet<string> } = {},
  ) {
    for (const service of view.list('service')) {
      for (const [networkId, addresses] of Object.entries(service.virtualAddresses)) {
        this.note({ networkId, ...addresses }, `service ${service.spec.Name}`, undefined);
      }
      for (const at of networksOf(service.spec)) this.promise(service, at);
    }
    for (const { id: networkId, virtual = [] } of view.list('network')) {
      for (const { serviceId, releasedAt = new Date(now).toISOString(), ...at } of virtual) {
        // The service may have been removed a moment ago.
        const known = view.get('service', serviceId)?.value.virtualAddresses[networkId];
        if (!known || !isSame(known, at)) this.note({ networkId, ...at }, '', releasedAt);
      }
    }
    for (const node of view.list('node')) {
      for (const [networkId, at] of Object.entries(node.addresses ?? {})) {
        this.note({ networkId, ...at }, `node ${node.id}`, undefined);
      }
    }
    for (const task of view.list('task')) {
      if (task.serviceId === besides.service) continue;
      const endedAt = isTerminal(task.status.state) ? task.status.at : undefined;
      for (const at of task.attachments) this.note(at, `task ${task.id} of service ${task.serviceName}`, endedAt);
    }
    for (const attachment of view.list('attachment')) {
      const { id, names, containerId, releasedAt } = attachment;
      const endedAt = besides.attachments?.has(id) ? new Date(now).toISOString() : releasedAt;
      this.note(attachment, `container ${names[0] ?? containerId}`, endedAt);
    }
  }

  network(target: string): ClusterNetwork | undefined {
    return this.view.get('network', target)?.value ?? this.view.list('network').find((each) => each.name === target);
  }

  /** Addresses in use, each with its holder in words. */
  holders(networkId: string): [address: string, by: string][] {
    return [...(this.used.get(networkId) ?? [])];
  }

  get ingress(): ClusterNetwork | undefined {
    return ingressNetwork(this.view);
  }

  /**
   * An address of each family that the network has. Errors: `exhausted` when there is none left, `conflict` and `invalid`
   * for one that was asked for.
   */
  lease(network: ClusterNetwork, by: string, wishes: Partial<Record<AddressFamily, Wish>> = {}): VirtualAddress {
    const leased: VirtualAddress = {};
    for (const family of FAMILIES) {
      const address = this.leaseOne(network, family, wishes[family] ?? {});
      if (address !== undefined) leased[family] = address;
    }
    // Only when there is one of each.
    for (const address of Object.values(leased)) this.hold(network.id, address, by);
    return leased;
  }

  private leaseOne(network: ClusterNetwork, family: AddressFamily, wish: Wish): string | undefined {
    const pool = poolOf(network, family);
    if (!pool) {
      if (wish.address === undefined && wish.listed === undefined) return undefined;
      const name = family === 'ipv4' ? 'IPv4' : 'IPv6';
      throw new SkepError('invalid', `network ${network.name} has no ${name} subnet to take an address from`);
    }
    const used = this.used.get(network.id) ?? new Map<string, string>();
    if (wish.listed) return leaseListed(wish.listed, used, wish.place ?? 0);
    const options = {
      used,
      quarantined: this.resting.get(network.id),
      promised: (this.promised.get(network.id) ?? []).filter((each) => (each.family === 4) === (family === 'ipv4')),
    };
    if (wish.address === undefined && wish.preferred !== undefined) {
      try {
        return leaseAddresses(pool, [wish.preferred], options)[0];
      } catch (error) {
        if (!SkepError.is(error)) throw error;
      }
    }
    return leaseAddresses(pool, [wish.address], options)[0];
  }

  private promise({ spec }: Service, at: NetworkAttachment): void {
    const network = this.network(at.Target);
    if (!network) return;
    let listed: AddressRange[];
    try {
      listed = Object.values(listedAddresses(spec, network, at)).flat();
    } catch (error) {
      // Nothing is promised by what cannot be read; the service's own tasks say that, and nobody else waits for them.
      if (SkepError.is(error)) return;
      throw error;
    }
    if (listed.length > 0) this.promised.set(network.id, [...(this.promised.get(network.id) ?? []), ...listed]);
  }

  /** An address rests for as long as its name may be remembered after its holder has gone. */
  private note(at: VirtualAddress & { networkId: string }, by: string, endedAt: string | undefined): void {
    const network = this.view.get('network', at.networkId)?.value;
    const rested = endedAt === undefined ? undefined : Date.parse(endedAt) + restOf(network);
    if (rested !== undefined) {
      if (!(rested > this.now)) return;
      this.nextRested = earliest(this.nextRested, rested);
    }
    for (const address of [at.ipv4, at.ipv6]) {
      if (address === undefined) continue;
      if (rested !== undefined)
        this.resting.set(at.networkId, (this.resting.get(at.networkId) ?? new Set()).add(address));
      else this.hold(at.networkId, address, by);
    }
  }

  private hold(networkId: string, address: string, by: string): void {
    const known = this.used.get(networkId) ?? new Map<string, string>();
    this.used.set(networkId, known.set(address, by));
  }
}

/** How long an address is not given to anybody by choice after it was given back. Milliseconds. */
export function restOf(network: ClusterNetwork | undefined): number {
  return dnsTtl(network ?? { options: {} }) * 1000;
}

export function isSame(a: VirtualAddress, b: VirtualAddress): boolean {
  return a.ipv4 === b.ipv4 && a.ipv6 === b.ipv6;
}

export function poolOf({ pools }: Pick<ClusterNetwork, 'pools'>, family: AddressFamily) {
  return pools.find((each) => each.subnet.includes(':') === (family === 'ipv6'));
}

export function networksOf(spec: Service['spec']): NetworkAttachment[] {
  return spec.TaskTemplate.Networks ?? spec.Networks ?? [];
}

/** A task with addresses on each of its networks, ingress last; or why it has none yet, for `service ps`. */
export function withAddresses(task: Task, service: Service, book: AddressBook): Task | { why: string } {
  const attachments: TaskAttachment[] = [];
  const asked = (task.spec.Networks ?? networksOf(service.spec)).filter(({ Target }) => !isNodeNetwork(Target));
  const published = usesIngress(service.spec);
  if (published && !book.ingress) return { why: NO_INGRESS };
  for (const at of published ? [...asked, { Target: book.ingress!.id }] : asked) {
    const network = book.network(at.Target);
    if (!network) return { why: `network ${at.Target} not found` };
    if (network.vni === undefined)
      return { why: network.allocationError ?? `network ${network.name} has no subnet yet` };
    try {
      const listed = listedAddresses(service.spec, network, at);
      // Replicas are counted from 1, tasks of a job from 0.
      const place = task.jobIteration === undefined ? Math.max(0, task.slot - 1) : task.slot;
      const wish = (family: AddressFamily): Wish => ({ listed: listed[family], place });
      const wishes = { ipv4: wish('ipv4'), ipv6: wish('ipv6') };
      const addresses = book.lease(network, `task ${task.id} of service ${task.serviceName}`, wishes);
      attachments.push({ networkId: network.id, ...addresses, aliases: at.Aliases ?? [] });
    } catch (error) {
      return { why: `network ${network.name}: ${messageOf(error)}` };
    }
  }
  return { ...task, attachments };
}

/**
 * A node has addresses of its own on the ingress network: what it sends into it comes from there. None is given to a node
 * that the network would cut off, as far as it has said what it reaches.
 */
export function nodeAddresses(node: ClusterNode, book: AddressBook): NonNullable<ClusterNode['addresses']> {
  const { ingress } = book;
  if (ingress?.vni === undefined) return {};
  const own = node.addresses?.[ingress.id];
  if (own) return { [ingress.id]: own };
  if (!node.description || cutOffBy(ingress, node)) return {};
  return { [ingress.id]: book.lease(ingress, `node ${node.id}`) };
}
