import { isLive, isTerminal, type ClusterNode, type Service, type Task } from '#lib/domain';
import type { ClusterChange } from '#lib/store';
import { meets } from '../constraints/constraints.js';
import { earliest, type Decision } from '../loops/loop.js';
import { newTask } from './new-task.js';
import { put } from './replicated.js';
import { afterEnd, atOnce } from './restart.js';
import { grouped } from './slots.js';
import { isEnding } from './starting.js';

/** One task on each node that is there and fits the constraints; on a paused node what runs goes on. Pure. */
export function global(
  service: Service,
  tasks: readonly Task[],
  nodes: ReadonlyMap<string, ClusterNode>,
  now: number,
): Decision {
  const constraints = service.spec.TaskTemplate.Placement?.Constraints ?? [];
  const byNode = grouped(tasks, (task) => task.nodeId ?? '');
  const changes: ClusterChange[] = [];
  let wakeAt: number | undefined;
  for (const node of nodes.values()) {
    const all = byNode.get(node.id) ?? [];
    if (!mayKeep(node, constraints)) {
      for (const task of all) if (isLive(task)) changes.push(put({ ...task, desired: 'shutdown' }));
      continue;
    }
    if (all.some(isLive) || !mayStart(node, constraints)) continue;
    const latest = all.findLast((task) => task.desired !== 'remove');
    if (latest && latest.desired !== 'shutdown' && !isTerminal(latest.status.state)) continue;
    const verdict = latest ? afterEnd(latest, all, now) : atOnce(now);
    if (!verdict.again) continue;
    if (verdict.makeAt > now) {
      wakeAt = earliest(wakeAt, verdict.makeAt);
      continue;
    }
    const held = all.some((task) => isEnding(task, nodes));
    changes.push(put(newTask(service, { slot: 0, nodeId: node.id, notBefore: verdict.notBefore, held }, now)));
    wakeAt = earliest(wakeAt, verdict.notBefore > now ? verdict.notBefore : undefined);
  }
  for (const [nodeId, all] of byNode) {
    if (nodes.has(String(nodeId))) continue;
    for (const task of all) if (task.desired !== 'remove') changes.push(put({ ...task, desired: 'remove' }));
  }
  return { changes, wakeAt };
}

function mayKeep(node: ClusterNode, constraints: readonly string[]): boolean {
  return node.status.state !== 'down' && node.spec.Availability !== 'drain' && meets(node, constraints);
}

/** May a task of what is global be started on the node? */
export function mayStart(node: ClusterNode, constraints: readonly string[]): boolean {
  return node.status.state === 'ready' && node.spec.Availability === 'active' && meets(node, constraints);
}
