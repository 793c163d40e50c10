import { stableStringify } from '#lib/common';
import { isBefore, isLeaving, type ClusterNode, type NodeDescription, type Task, type TaskStatus } from '#lib/domain';
import type { ClusterChange, ClusterView } from '#lib/store';
import { parseReport } from './task-report.js';

/**
 * What follows from a node's report on tasks of its own. States only go forward; tasks of others are not its to speak of.
 * @param now when it came, which is when it counts from
 */
export function afterReport(
  nodeId: string,
  reports: readonly { taskId: string; status: string }[],
  view: ClusterView,
  now: string,
): ClusterChange[] {
  return reports.flatMap(({ taskId, status }): ClusterChange[] => {
    const task = view.get('task', taskId)?.value;
    const said = parseReport(taskId, status);
    if (!task || task.nodeId !== nodeId || !said) return [];
    if (isBefore(said.state, task.status.state) || sameStatus(task.status, said)) return [];
    const value = { ...withStatus(task, { ...said, at: now }), updatedAt: now };
    return [{ op: 'put', kind: 'task', value }];
  });
}

/**
 * The status alone tells only since when the task has been as it is now. One that was called off before it ever ran has its
 * container still up while that ends, which is not to run.
 */
export function withStatus(task: Task, status: TaskStatus): Task {
  const runs = status.state === 'running' && task.runningSince === undefined && !isLeaving(task);
  const ails = status.unhealthy === true && task.unhealthySince === undefined;
  return { ...task, status, ...(runs && { runningSince: status.at }), ...(ails && { unhealthySince: status.at }) };
}

/** What follows from a node's first words: it is there, and this is what it is. */
export function afterHello(node: ClusterNode, description: NodeDescription, addr: string, now: string): ClusterNode {
  return { ...node, description, status: { state: 'ready', addr }, updatedAt: now };
}

function sameStatus(a: TaskStatus, b: Omit<TaskStatus, 'at'>): boolean {
  return (
    a.state === b.state &&
    a.message === b.message &&
    a.err === b.err &&
    a.containerId === b.containerId &&
    a.pid === b.pid &&
    a.unhealthy === b.unhealthy &&
    a.exitCode === b.exitCode &&
    stableStringify(a.ports ?? []) === stableStringify(b.ports ?? [])
  );
}
