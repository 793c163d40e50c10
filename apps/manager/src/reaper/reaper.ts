import { isBefore, isTerminal, type Service, type Task } from '#lib/domain';
import type { ClusterChange, ClusterView } from '#lib/store';
import { restOf } from '../allocator/addresses.js';
import { clusterOf } from '../cluster/found.js';
import { earliest, type Loop } from '../loops/loop.js';
import { grouped, nodesById, tasksByService } from '../orchestrator/slots.js';
import { surplusOf } from './history.js';

/** Docker's default. */
const HISTORY = 5;
/** What a lost node ran counts as orphaned after a day. Milliseconds. */
const ORPHANED_AFTER = 24 * 3600 * 1000;

/**
 * Forgets tasks: those that are to be removed and have ended, and history beyond what is kept for each replica, once their
 * addresses have rested; and attachments of which the same is true, or whose node or network is gone.
 */
export const reaper: Loop = {
  name: 'reaper',
  reads: ['cluster', 'service', 'node', 'task', 'network', 'attachment'],
  decide(view, now) {
    const nodes = nodesById(view);
    const limit = clusterOf(view).spec.Orchestration?.TaskHistoryRetentionLimit ?? HISTORY;
    const changes: ClusterChange[] = [];
    let wakeAt: number | undefined;
    const gone = new Set<string>();
    const drop = (task: Task) => {
      if (gone.has(task.id)) return;
      const rested = restedAt(task, view);
      if (rested > now) {
        wakeAt = earliest(wakeAt, rested);
        return;
      }
      gone.add(task.id);
      changes.push({ op: 'delete', kind: 'task', id: task.id });
    };
    for (const task of view.list('task')) {
      const node = task.nodeId === undefined ? undefined : nodes.get(task.nodeId);
      const neverRan = isBefore(task.status.state, 'assigned');
      const ended = isTerminal(task.status.state);
      const leaving = task.desired === 'shutdown' || task.desired === 'remove';
      if (task.desired === 'remove' && ended) drop(task);
      else if (leaving && neverRan) drop(task);
      else if (leaving && !ended && !node) changes.push(orphaned(task, 'the node was removed', now));
      else if (node?.status.state === 'down' && !ended) {
        const orphanedAt = Date.parse(node.updatedAt) + ORPHANED_AFTER;
        if (orphanedAt <= now) changes.push(orphaned(task, 'the node has been away for a day', now));
        else wakeAt = earliest(wakeAt, orphanedAt);
      }
    }
    for (const [serviceId, tasks] of tasksByService(view)) {
      const service = view.get('service', serviceId)?.value;
      for (const [, all] of grouped(tasks, (task) => slotOf(task, service))) {
        for (const task of surplusOf(all, service, limit)) drop(task);
      }
    }
    for (const { id, nodeId, networkId, releasedAt } of view.list('attachment')) {
      if (!nodes.has(nodeId) || !view.get('network', networkId)) {
        changes.push({ op: 'delete', kind: 'attachment', id });
        continue;
      }
      if (releasedAt === undefined) continue;
      const rested = Date.parse(releasedAt) + restOf(view.get('network', networkId)?.value);
      if (rested <= now) changes.push({ op: 'delete', kind: 'attachment', id });
      else wakeAt = earliest(wakeAt, rested);
    }
    return { changes, wakeAt };
  },
};

function slotOf(task: Task, service: Service | undefined): string | number {
  return service?.spec.Mode?.Global || service?.spec.Mode?.GlobalJob ? (task.nodeId ?? '') : task.slot;
}

/** When nobody can remember the task's names with its addresses any more. Milliseconds since the epoch. */
function restedAt({ status, attachments }: Task, view: ClusterView): number {
  if (!isTerminal(status.state)) return 0;
  const networks = attachments.flatMap(({ networkId }) => view.get('network', networkId)?.value ?? []);
  return Math.max(0, ...networks.map((network) => Date.parse(status.at) + restOf(network)));
}

function orphaned(task: Task, message: string, now: number): ClusterChange {
  const at = new Date(now).toISOString();
  const status = { ...task.status, state: 'orphaned' as const, at, message };
  return { op: 'put', kind: 'task', value: { ...task, status, updatedAt: at } };
}
