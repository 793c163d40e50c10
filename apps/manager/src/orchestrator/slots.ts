import { isLive, isTerminal, type ClusterNode, type Service, type Task } from '#lib/domain';
import type { ClusterView } from '#lib/store';

/** Tasks of each service, in the order of their making. */
export function tasksByService(view: ClusterView): Map<string, Task[]> {
  const found = new Map<string, Task[]>();
  for (const task of view.list('task')) {
    const known = found.get(task.serviceId);
    if (known) known.push(task);
    else found.set(task.serviceId, [task]);
  }
  return found;
}

/** What a task is one try for: a replica, or a node where the service is global. */
export function placeOf(task: Task, { spec }: Pick<Service, 'spec'>): string | number {
  return spec.Mode?.Global || spec.Mode?.GlobalJob ? (task.nodeId ?? '') : task.slot;
}

/** Tasks by replica (or, of a global service, by node), the latest last. */
export function grouped(tasks: readonly Task[], keyOf: (task: Task) => string | number): Map<string | number, Task[]> {
  const groups = new Map<string | number, Task[]>();
  for (const task of tasks) {
    const key = keyOf(task);
    const known = groups.get(key);
    if (known) known.push(task);
    else groups.set(key, [task]);
  }
  for (const group of groups.values()) group.sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
  return groups;
}

/** Its node cannot run it any more: gone, down, or being emptied. */
export function isLost(task: Task, nodes: ReadonlyMap<string, ClusterNode>): boolean {
  if (task.nodeId === undefined || isTerminal(task.status.state)) return false;
  const node = nodes.get(task.nodeId);
  return node === undefined || node.status.state === 'down' || node.spec.Availability === 'drain';
}

export function nodesById(view: ClusterView): Map<string, ClusterNode> {
  return new Map(view.list('node').map((node) => [node.id, node]));
}

/** Live, and on a node that can run it. */
export function isServing(task: Task, nodes: ReadonlyMap<string, ClusterNode>): boolean {
  return isLive(task) && !isLost(task, nodes);
}
