import { messageOf } from '#lib/common';
import { isBefore, type ClusterNetwork, type ClusterNode, type Placement, type Task } from '#lib/domain';
import type { ClusterChange } from '#lib/store';
import { cutOffBy } from '../allocator/subnets.js';
import { meets, valueOf } from '../constraints/constraints.js';
import type { Loop } from '../loops/loop.js';
import { put } from '../orchestrator/replicated.js';
import { noTunnels } from '../tunnels/tunnels.js';
import { Candidate, specOf } from './candidate.js';
import { Heap } from './heap.js';

/** Gives every pending task a node, or says why there is none. */
export const scheduler: Loop = {
  name: 'scheduler',
  reads: ['node', 'task', 'network'],
  decide(view, now) {
    const pending = view
      .list('task')
      .filter((task) => task.status.state === 'pending' && isBefore(task.desired, 'shutdown'));
    if (pending.length === 0) return { changes: [] };
    const candidates = new Map(view.list('node').map((node) => [node.id, new Candidate(node)]));
    for (const task of view.list('task')) {
      const candidate = task.nodeId === undefined ? undefined : candidates.get(task.nodeId);
      if (!candidate || isBefore(task.status.state, 'assigned')) continue;
      candidate.take(task);
      candidate.remember(task, now);
    }
    const networks = new Map(view.list('network').map((network) => [network.id, network]));
    return { changes: assign(pending, [...candidates.values()], networks, new Date(now).toISOString()) };
  },
};

/** Tasks of one spec fit the same nodes; so the filters that do not change are asked once for all of them. */
function assign(
  pending: readonly Task[],
  candidates: Candidate[],
  networks: ReadonlyMap<string, ClusterNetwork>,
  at: string,
): ClusterChange[] {
  const groups = new Map<string, Task[]>();
  for (const task of pending) {
    const key = specOf(task);
    const known = groups.get(key);
    if (known) known.push(task);
    else groups.set(key, [task]);
  }
  return [...groups.values()].flatMap((tasks) => {
    try {
      return assignGroup(tasks, new Filter(candidates, tasks[0]!, networks), at);
    } catch (error) {
      // One spec that cannot be understood is no reason for the others to wait.
      return tasks.flatMap((task) => unplaced(task, `not understood: ${messageOf(error)}`, at));
    }
  });
}

function assignGroup(tasks: readonly Task[], filter: Filter, at: string): ClusterChange[] {
  return tasks.flatMap((task): ClusterChange[] => {
    const chosen = filter.choose(task);
    if (!chosen) return unplaced(task, filter.why(task), at);
    const assigned: Task = {
      ...task,
      nodeId: chosen.node.id,
      updatedAt: at,
      status: { state: 'assigned', at, message: 'scheduler assigned task to node' },
    };
    chosen.take(assigned);
    filter.filled(chosen, task);
    return [put(assigned)];
  });
}

function unplaced(task: Task, err: string, at: string): ClusterChange[] {
  if (task.status.err === err) return [];
  return [put({ ...task, updatedAt: at, status: { ...task.status, message: 'no suitable node', err } })];
}

/** Nodes for the tasks of one spec, and what has ruled out the others. */
class Filter {
  /** by node id: the reason */
  private readonly ruledOut = new Map<string, string>();
  /** how often each reason */
  private readonly counts = new Map<string, number>();
  /** those that are left, the least filled first */
  private readonly suitable: Heap<Candidate>;

  constructor(
    private readonly all: readonly Candidate[],
    example: Task,
    networks: ReadonlyMap<string, ClusterNetwork>,
  ) {
    const attached = example.attachments.flatMap(({ networkId }) => networks.get(networkId) ?? []);
    const constraints = example.spec.Placement?.Constraints ?? [];
    const platforms = example.spec.Placement?.Platforms ?? [];
    const left = all.filter(({ node }) => {
      if (node.status.state !== 'ready' || node.spec.Availability !== 'active') {
        return this.out(node, 'node is not available');
      }
      if (!meets(node, constraints)) return this.out(node, 'scheduling constraints not satisfied');
      if (!runsOn(node, platforms)) return this.out(node, 'unsupported platform');
      const refused = attached.flatMap((network) => unreachable(node, network) ?? [])[0];
      return refused === undefined || this.out(node, refused);
    });
    this.suitable = new Heap(left, (a, b) => isLess(a, b, example));
  }

  /**
   * Of those that have room, the one with the fewest tasks of the service, then with the fewest of all; one on which they
   * keep failing comes last. It is to be filled.
   */
  choose(task: Task): Candidate | undefined {
    // A task of a global service was made for its node.
    if (task.nodeId !== undefined) {
      return this.suitable.items().find((each) => each.node.id === task.nodeId && this.hasRoom(each, task));
    }
    const preferences = task.spec.Placement?.Preferences ?? [];
    if (preferences.length > 0) return this.spread(task, preferences);
    const full: Candidate[] = [];
    let found: Candidate | undefined;
    while (!found) {
      const next = this.suitable.pop();
      if (!next) break;
      if (this.hasRoom(next, task)) found = next;
      else full.push(next);
    }
    for (const each of full) this.suitable.push(each);
    return found;
  }

  /** The candidate that was chosen has taken its task: it is in the order again. */
  filled(candidate: Candidate, task: Task): void {
    if (task.nodeId === undefined && (task.spec.Placement?.Preferences ?? []).length === 0) {
      this.suitable.push(candidate);
    }
  }

  private spread(task: Task, preferences: NonNullable<Placement['Preferences']>): Candidate | undefined {
    const all = this.suitable.items().filter((each) => this.hasRoom(each, task));
    const sound = all.filter((each) => !each.isTroubled(task));
    let open = sound.length > 0 ? sound : all;
    for (const { Spread: spread } of preferences) {
      if (spread?.SpreadDescriptor) open = leastFilled(open, spread.SpreadDescriptor, task.serviceId);
    }
    let best: Candidate | undefined;
    for (const each of open) if (!best || isLess(each, best, task)) best = each;
    return best;
  }

  private hasRoom(candidate: Candidate, task: Task): boolean {
    const most = task.spec.Placement?.MaxReplicas ?? 0;
    return (
      candidate.fits(task) && candidate.hasPortsFor(task) && (most === 0 || candidate.count(task.serviceId) < most)
    );
  }

  /**
   * `no suitable node (scheduling constraints not satisfied on 2 nodes; insufficient resources on 1 node)`; of a task that
   * was made for its node only what is against that one.
   */
  why(task: Task): string {
    const own = this.all.find(({ node }) => node.id === task.nodeId);
    const reasons = own ? new Map([[this.ruledOut.get(own.node.id) ?? lackOf(own, task), 1]]) : new Map(this.counts);
    if (!own) for (const each of this.suitable.items()) count(reasons, lackOf(each, task));
    if (this.all.length === 0) return 'no suitable node (there is none)';
    const told = [...reasons].map(([reason, nodes]) => `${reason} on ${nodes} node${nodes === 1 ? '' : 's'}`);
    return `no suitable node (${told.join('; ')})`;
  }

  private out(node: ClusterNode, reason: string): false {
    this.ruledOut.set(node.id, reason);
    count(this.counts, reason);
    return false;
  }
}

function count(reasons: Map<string, number>, reason: string): void {
  reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
}

/** What a node that is suitable has no room for. */
function lackOf(candidate: Candidate, task: Task): string {
  if (!candidate.fits(task)) return 'insufficient resources';
  return candidate.hasPortsFor(task) ? 'max replicas per node limit exceed' : 'host-mode port already in use';
}

function isLess(a: Candidate, b: Candidate, task: Task): boolean {
  const difference =
    Number(a.isTroubled(task)) - Number(b.isTroubled(task)) ||
    a.count(task.serviceId) - b.count(task.serviceId) ||
    a.total - b.total;
  return difference < 0 || (difference === 0 && a.node.id < b.node.id);
}

/** The nodes of those with the same value of a label of which the service has least. */
function leastFilled(open: Candidate[], descriptor: string, serviceId: string): Candidate[] {
  const groups = new Map<string, Candidate[]>();
  for (const each of open) {
    const value = valueOf(each.node, descriptor);
    groups.set(value, [...(groups.get(value) ?? []), each]);
  }
  const filled = (group: Candidate[]) => group.reduce((sum, each) => sum + each.count(serviceId), 0);
  return [...groups.values()].sort((a, b) => filled(a) - filled(b))[0] ?? [];
}

/** Why a node cannot be part of a network; undefined: it can. */
function unreachable(node: ClusterNode, network: ClusterNetwork): string | undefined {
  const refused = network.encrypted ? noTunnels(node) : undefined;
  if (refused === undefined) return cutOffBy(network, node);
  return `encrypted network ${network.name} not possible (${refused})`;
}

function runsOn({ description }: ClusterNode, platforms: readonly { OS?: string; Architecture?: string }[]): boolean {
  const same = (asked: string | undefined, has: string | undefined) => !asked || normal(asked) === normal(has ?? '');
  return (
    platforms.length === 0 ||
    platforms.some((each) => same(each.OS, description?.os) && same(each.Architecture, description?.architecture))
  );
}

const ALIASES: Readonly<Record<string, string>> = { amd64: 'x86_64', arm64: 'aarch64' };
const normal = (architecture: string) => ALIASES[architecture] ?? architecture;
