import { isLeaving, isTerminal, isBefore, type ClusterNode, type Service, type Task } from '#lib/domain';
import { earliest } from '../loops/loop.js';
import { grouped, placeOf } from './slots.js';

/** As Docker: nobody waits longer for a task that is to end. Milliseconds. */
const PATIENCE = 60_000;

/** It is to end, and its node still runs it. What a lost node does cannot be known, so it is not waited for. */
export function isEnding(task: Task, nodes: ReadonlyMap<string, ClusterNode>): boolean {
  if (!isLeaving(task) || isTerminal(task.status.state) || isBefore(task.status.state, 'assigned')) return false;
  const node = task.nodeId === undefined ? undefined : nodes.get(task.nodeId);
  return node !== undefined && node.status.state !== 'down';
}

/**
 * How long the task has those before it end; undefined where there are none. Milliseconds since the epoch.
 * @param all the tasks of its place
 */
export function waitsUntil(
  task: Task,
  all: readonly Task[],
  nodes: ReadonlyMap<string, ClusterNode>,
  now: number,
): number | undefined {
  const until = Date.parse(task.createdAt) + PATIENCE;
  return now < until && all.some((other) => other.id !== task.id && isEnding(other, nodes)) ? until : undefined;
}

/**
 * Tasks that are only prepared are to run once their time has come and what ran in their place before has ended: whoever
 * made them need not look after them. Pure.
 */
export function started(
  service: Service,
  tasks: readonly Task[],
  nodes: ReadonlyMap<string, ClusterNode>,
  now: number,
): { tasks: Task[]; wakeAt?: number } {
  const waits = (task: Task) => task.desired === 'ready' && !isTerminal(task.status.state);
  if (!tasks.some(waits)) return { tasks: [...tasks] };
  const places = grouped(tasks, (task) => placeOf(task, service));
  let wakeAt: number | undefined;
  const next = tasks.map((task): Task => {
    if (!waits(task)) return task;
    const others = places.get(placeOf(task, service)) ?? [];
    const at = Math.max(task.notBefore ?? 0, waitsUntil(task, others, nodes, now) ?? 0);
    if (at > now) {
      wakeAt = earliest(wakeAt, at);
      return task;
    }
    const { notBefore: _past, ...rest } = task;
    return { ...rest, desired: task.jobIteration === undefined ? 'running' : 'complete' };
  });
  return { tasks: next, wakeAt };
}
