import {
  isTerminal,
  type ClusterNetwork,
  type NetworkAttachment,
  type Service,
  type Task,
  type TaskAttachment,
  type VirtualAddress,
} from '#lib/domain';
import { messageOf } from '#lib/common';
import { leaseAddresses } from '#lib/ipam';
import type { ClusterView } from '#lib/store';

/** An address rests this long after its task has ended: its old name may be remembered that long. Milliseconds. */
const REST = 5_000;

/** Who has which address of each network; one book for a whole decision, so that nothing is given twice. */
export class AddressBook {
  private readonly used = new Map<string, Map<string, string>>();
  private readonly resting = new Map<string, Set<string>>();

  constructor(
    private readonly view: ClusterView,
    now: number,
  ) {
    for (const service of view.list('service')) {
      for (const [networkId, { ipv4, ipv6 }] of Object.entries(service.virtualAddresses)) {
        for (const address of [ipv4, ipv6]) this.hold(networkId, address, `service ${service.spec.Name}`);
      }
    }
    for (const task of view.list('task')) {
      const ended = isTerminal(task.status.state);
      const rests = ended && now - Date.parse(task.status.at) < REST;
      if (ended && !rests) continue;
      for (const { networkId, ipv4, ipv6 } of task.attachments) {
        for (const address of [ipv4, ipv6]) {
          if (rests) this.rest(networkId, address);
          else this.hold(networkId, address, `task ${task.id}`);
        }
      }
    }
  }

  network(target: string): ClusterNetwork | undefined {
    return this.view.get('network', target)?.value ?? this.view.list('network').find((each) => each.name === target);
  }

  /** One more address of each family that the network has; throws when there is none left. */
  lease(network: ClusterNetwork, by: string): VirtualAddress {
    const ipv4 = this.leaseOf(network, 'ipv4', by);
    const ipv6 = this.leaseOf(network, 'ipv6', by);
    return { ...(ipv4 !== undefined && { ipv4 }), ...(ipv6 !== undefined && { ipv6 }) };
  }

  private leaseOf(network: ClusterNetwork, family: 'ipv4' | 'ipv6', by: string): string | undefined {
    const pool = network.pools.find((each) => each.subnet.includes(':') === (family === 'ipv6'));
    if (!pool) return undefined;
    const [address] = leaseAddresses(pool, [undefined], {
      used: this.used.get(network.id) ?? new Map<string, string>(),
      quarantined: this.resting.get(network.id),
    });
    this.hold(network.id, address, by);
    return address;
  }

  private hold(networkId: string, address: string | undefined, by: string): void {
    if (address === undefined) return;
    const known = this.used.get(networkId) ?? new Map<string, string>();
    this.used.set(networkId, known.set(address, by));
  }

  private rest(networkId: string, address: string | undefined): void {
    if (address === undefined) return;
    const known = this.resting.get(networkId) ?? new Set<string>();
    this.resting.set(networkId, known.add(address));
  }
}

export function networksOf(spec: Service['spec']): NetworkAttachment[] {
  return spec.TaskTemplate.Networks ?? spec.Networks ?? [];
}

/** A task with an address on each of its networks; or why it has none yet, for `service ps`. */
export function withAddresses(task: Task, service: Service, book: AddressBook): Task | { why: string } {
  const attachments: TaskAttachment[] = [];
  for (const { Target: target, Aliases: aliases = [] } of task.spec.Networks ?? networksOf(service.spec)) {
    const network = book.network(target);
    if (!network) return { why: `network ${target} not found` };
    if (network.vni === undefined)
      return { why: network.allocationError ?? `network ${network.name} has no subnet yet` };
    try {
      attachments.push({ networkId: network.id, ...book.lease(network, `task ${task.id}`), aliases });
    } catch (error) {
      return { why: `network ${network.name}: ${messageOf(error)}` };
    }
  }
  return { ...task, attachments };
}

/** A virtual address on each network, where the service wants them. What it has it keeps. */
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
