import { existsSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { Inject, Injectable } from '@nestjs/common';
import { digestOf } from '#lib/common';
import {
  containerIdOf,
  freshStatus,
  isTerminal,
  isUnwritten,
  straySysctl,
  type AssignedFile,
  type Assignment,
  type AssignmentChange,
  type Container,
  type Network,
  type Task,
} from '#lib/domain';
import type { Change, Store } from '#lib/store';
import { NodeGrants } from '../containers/node-grants.js';
import { SwarmMembership } from '../membership/membership.js';
import { seal } from '../node/seal.js';
import { NODE, STORE, type Node } from '../node/tokens.js';
import { ownNames } from './node-description.js';
import { overlayNetwork, type NodePlace } from './overlay-network.js';
import { containerOf, drainMsOf, drainUntil, obstacleOf, targetOf, type TaskFacts } from './task-container.js';
import { TaskGrants } from './task-grants.js';
import { withSealedKeys } from './tunnel-ends.js';

type View = Pick<Store, 'get' | 'list'>;

/**
 * What the manager assigned to this node, written down together with the containers and networks that follow from it,
 * in one transaction: the node goes on with it when the manager is away. Secrets, configs and credentials are in memory only.
 */
@Injectable()
export class SwarmTasks {
  private readonly files = new Map<string, AssignedFile>();
  /** Tasks that are as they were written down but for their state, which this node itself has reported. */
  private readonly reported = new Map<string, Task>();

  constructor(
    @Inject(NODE) private readonly node: Node,
    @Inject(STORE) private readonly store: Store,
    private readonly grants: NodeGrants,
    private readonly membership: SwarmMembership,
  ) {}

  all(view: View = this.store): Task[] {
    const written = view.list('assignment').flatMap((each) => (each.kind === 'task' ? [each.value as Task] : []));
    return written.map((task) => this.reported.get(task.id) ?? task);
  }

  /** @param full what is not named is not assigned any more */
  async apply(full: boolean, changes: readonly AssignmentChange[]): Promise<void> {
    if (full) this.files.clear();
    for (const change of changes) {
      if (!isUnwritten(change)) continue;
      if (change.op === 'put') this.files.set(`${change.kind} ${change.id}`, change.value);
      else this.files.delete(`${change.kind} ${change.id}`);
    }
    const kept = changes.filter((change) => !isUnwritten(change));
    if (!full && kept.length > 0 && kept.every((change) => this.isOwnReport(change))) {
      for (const change of kept) if (change.op === 'put') this.reported.set(change.id, change.value as Task);
      return;
    }
    await this.store.transact((view) => {
      if (full) this.reported.clear();
      for (const { id } of kept) this.reported.delete(id);
      const known = view.list('assignment');
      const after = assignmentsAfter(known, full, withSealedKeys(kept, known, this.node.config.dataRoot));
      return {
        changes: [...rowChanges(known, after), ...this.follow(view, after)],
        result: undefined,
      };
    });
  }

  /** The manager repeats what a node reports: how far a task is that goes on. Nothing follows from that here. */
  private isOwnReport(change: AssignmentChange): boolean {
    if (change.op !== 'put' || change.kind !== 'task') return false;
    const task = change.value as Task;
    const known = this.reported.get(task.id) ?? (this.store.get('assignment', keyOf(change))?.value.value as Task);
    if (!known || isTerminal(known.status.state) || isTerminal(task.status.state)) return false;
    return isDeepStrictEqual({ ...known, status: task.status, updatedAt: task.updatedAt }, task);
  }

  /** The node left the cluster: nothing is assigned to it any more. */
  async forget(): Promise<void> {
    await this.apply(true, []);
  }

  /** Containers and networks of the node that follow from what is assigned. */
  private follow(view: View, after: readonly Assignment[]): Change[] {
    const tasks = after.flatMap((each) => (each.kind === 'task' ? [each.value as Task] : []));
    const peers = after.flatMap((each) => (each.kind === 'peer' ? [each.value] : []));
    const place: NodePlace = {
      names: this.node.names,
      local: this.membership.current?.localAddr ?? this.membership.current?.dataAddr ?? '',
      tunnelPort: this.node.config.encryptedOverlayPort,
      peers,
      tunnels: after.flatMap((each) => (each.kind === 'tunnel' ? [each.value] : [])),
    };
    const networks = after.flatMap((each) => (each.kind === 'network' ? [overlayNetwork(each.value, place)] : []));
    return [...this.networkChanges(view, networks), ...this.containerChanges(view, tasks, networks)];
  }

  private networkChanges(view: View, wanted: readonly Network[]): Change[] {
    const known = view
      .list('network')
      .filter((network) => network.driver === 'overlay' && network.target === 'present');
    return [
      ...wanted
        .filter((network) => {
          const existing = known.find((each) => each.id === network.id);
          return !existing || digestOf(existing) !== digestOf(network);
        })
        .map((value): Change => ({ op: 'put', kind: 'network', value })),
      ...known
        .filter((network) => !wanted.some((each) => each.id === network.id))
        .map((network): Change => ({ op: 'put', kind: 'network', value: { ...network, target: 'removed' } })),
    ];
  }

  private containerChanges(view: View, tasks: readonly Task[], networks: readonly Network[]): Change[] {
    const wanted = new Map(tasks.map((task) => [containerIdOf(task.id), task]));
    const changes: Change[] = [];
    const grants = new TaskGrants(this.grants.look(view), tasks);
    const facts = this.facts(view, networks, grants);
    for (const container of view.list('container')) {
      if (container.spec.Labels?.['com.docker.swarm.task.id'] === undefined || container.target === 'removed') continue;
      if (wanted.has(container.id)) continue;
      changes.push({ op: 'put', kind: 'container', value: { ...container, target: 'removed' } });
    }
    for (const [id, task] of wanted) {
      const existing = view.get('container', id)?.value;
      if (existing) {
        if (existing.target === 'removed') continue;
        const value = followed(task, existing);
        if (!isSameWish(value, existing)) changes.push({ op: 'put', kind: 'container', value });
      } else if (targetOf(task) !== 'stopped') {
        const container = containerOf(task, facts);
        grants.note(container);
        changes.push(...begun(task, container, facts));
      }
    }
    return changes;
  }

  private facts(view: View, networks: readonly Network[], grants: TaskGrants): TaskFacts {
    return {
      ingress: networks.find(({ overlay }) => overlay?.ingress)?.id,
      fallback: view.list('network').find((network) => network.name === 'nat' && network.target === 'present'),
      lease: (task, network) => grants.lease(task, network),
      freePort: (task, port, protocol) => grants.freePort(task, port, protocol),
      file: (kind, id) => {
        const file = this.files.get(`${kind} ${id}`);
        return file && Buffer.from(file.data, 'base64');
      },
      seal: (content) => seal(content, this.node.config.dataRoot),
      node: ownNames(),
      exists: existsSync,
      now: new Date().toISOString(),
    };
  }
}

/** The container as its task wants it by now. Nobody asks any more for what one leaves that is to be removed. */
function followed(task: Task, container: Container): Container {
  const drain = drainUntil(task, container.drainUntil, Date.now());
  return {
    ...container,
    target: targetOf(task),
    ...(drain !== undefined && { drainUntil: drain, drainMs: drainMsOf(task) }),
    ...(task.desired === 'remove' && { autoRemove: true }),
  };
}

function isSameWish(one: Container, other: Container): boolean {
  return (['target', 'drainUntil', 'autoRemove'] as const).every((field) => one[field] === other[field]);
}

/** The rows of a task that is new here. One that cannot have what it is to be given has ended before it began. */
function begun(task: Task, container: Container, facts: TaskFacts): Change[] {
  const error = obstacleOf(task, facts) ?? straySysctl(container);
  const status = { ...freshStatus(container), ...(error !== undefined && { finished: true, error }) };
  return [
    { op: 'put', kind: 'container', value: container },
    { op: 'put', kind: 'status', value: status },
  ];
}

const keyOf = ({ kind, id }: { kind: string; id: string }): string => `${kind} ${id}`;

function assignmentsAfter(
  before: readonly Assignment[],
  full: boolean,
  changes: readonly AssignmentChange[],
): Assignment[] {
  const after = new Map(full ? [] : before.map((each) => [keyOf(each), each]));
  for (const change of changes) {
    const key = keyOf(change);
    if (change.op === 'put') after.set(key, { kind: change.kind, id: change.id, value: change.value } as Assignment);
    else after.delete(key);
  }
  return [...after.values()];
}

function rowChanges(before: readonly Assignment[], after: readonly Assignment[]): Change[] {
  const known = new Map(before.map((each) => [keyOf(each), each]));
  const kept = new Set(after.map(keyOf));
  return [
    ...after
      .filter((each) => {
        const was = known.get(keyOf(each));
        return was !== each && (!was || digestOf(was.value) !== digestOf(each.value));
      })
      .map((value): Change => ({ op: 'put', kind: 'assignment', value })),
    ...[...known.keys()]
      .filter((key) => !kept.has(key))
      .map((id): Change => ({ op: 'delete', kind: 'assignment', id })),
  ];
}
