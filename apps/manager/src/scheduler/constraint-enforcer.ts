import { isLive, type ClusterNode, type Task } from '#lib/domain';
import { meets } from '../constraints/constraints.js';
import type { Loop } from '../loops/loop.js';
import { put } from '../orchestrator/replicated.js';
import { nodesById } from '../orchestrator/slots.js';

/**
 * Ends tasks whose node was changed so that it does not meet their constraints any more; the orchestrator has them run
 * elsewhere. A node that is paused keeps what it runs, and of one that is not there nothing is known; as in Docker.
 */
export const constraintEnforcer: Loop = {
  name: 'constraint enforcer',
  reads: ['node', 'task'],
  decide(view, now) {
    const nodes = nodesById(view);
    const at = new Date(now).toISOString();
    const misplaced = view.list('task').filter((task) => isMisplaced(task, nodes));
    return { changes: misplaced.map((task) => put({ ...task, desired: 'shutdown', updatedAt: at })) };
  },
};

function isMisplaced(task: Task, nodes: ReadonlyMap<string, ClusterNode>): boolean {
  const constraints = task.spec.Placement?.Constraints ?? [];
  if (constraints.length === 0 || task.nodeId === undefined || !isLive(task)) return false;
  const node = nodes.get(task.nodeId);
  if (node?.status.state !== 'ready' || node.spec.Availability !== 'active') return false;
  return !meets(node, constraints);
}
