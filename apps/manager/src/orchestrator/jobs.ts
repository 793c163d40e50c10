import { isLive, isTerminal, type ClusterNode, type ReplicatedJob, type Service, type Task } from '#lib/domain';
import type { ClusterChange } from '#lib/store';
import { earliest, type Decision } from '../loops/loop.js';
import { mayStart } from './global.js';
import { newTask } from './new-task.js';
import { put } from './replicated.js';
import { afterEnd, atOnce } from './restart.js';
import { grouped, isServing } from './slots.js';
import { isEnding } from './starting.js';

/** How many tasks may run at a time and how many completions there are to be; Docker's API has these defaults. */
export function concurrencyOf(asked: ReplicatedJob = {}): { most: number; total: number } {
  const most = asked.MaxConcurrent ?? 1;
  return { most, total: asked.TotalCompletions ?? most };
}

/** So many completions in all, so many at the same time. A new run of the job begins anew. Pure. */
export function replicatedJob(
  service: Service,
  tasks: readonly Task[],
  nodes: ReadonlyMap<string, ClusterNode>,
  now: number,
): Decision {
  const { total, most } = concurrencyOf(service.spec.Mode?.ReplicatedJob);
  const changes = staleRuns(service, tasks);
  let wakeAt: number | undefined;
  const slots = grouped(currentRun(service, tasks), (task) => task.slot);
  let running = [...slots.values()].filter((all) => all.some((task) => isServing(task, nodes))).length;
  // From 0, as clients count that wait for each of them.
  for (let slot = 0; slot < total && running < most; slot++) {
    const all = slots.get(slot) ?? [];
    if (all.some((task) => isServing(task, nodes) || task.status.state === 'complete')) continue;
    const latest = all.at(-1);
    const verdict = latest ? afterEnd(latest, all, now) : atOnce(now);
    if (!verdict.again) continue;
    // One that waits for its next try has its place, too.
    running += 1;
    if (verdict.makeAt > now) {
      wakeAt = earliest(wakeAt, verdict.makeAt);
      continue;
    }
    const held = all.some((task) => isEnding(task, nodes));
    changes.push(put(newTask(service, { slot, notBefore: verdict.notBefore, held }, now)));
    wakeAt = earliest(wakeAt, verdict.notBefore > now ? verdict.notBefore : undefined);
  }
  return { changes, wakeAt };
}

/** One completion on each node that fits. Pure. */
export function globalJob(
  service: Service,
  tasks: readonly Task[],
  nodes: ReadonlyMap<string, ClusterNode>,
  now: number,
): Decision {
  const constraints = service.spec.TaskTemplate.Placement?.Constraints ?? [];
  const changes = staleRuns(service, tasks);
  let wakeAt: number | undefined;
  const byNode = grouped(currentRun(service, tasks), (task) => task.nodeId ?? '');
  for (const node of nodes.values()) {
    if (!mayStart(node, constraints)) continue;
    const all = byNode.get(node.id) ?? [];
    if (all.some((task) => isLive(task) || task.status.state === 'complete')) continue;
    const latest = all.at(-1);
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
  return { changes, wakeAt };
}

function currentRun(service: Service, tasks: readonly Task[]): Task[] {
  return tasks.filter((task) => task.jobIteration === service.jobIteration);
}

/** What an earlier run left unfinished is ended; what has ended is history. */
function staleRuns(service: Service, tasks: readonly Task[]): ClusterChange[] {
  return tasks
    .filter((task) => task.jobIteration !== service.jobIteration && task.desired !== 'remove')
    .filter((task) => !isTerminal(task.status.state))
    .map((task) => put({ ...task, desired: 'remove' }));
}
