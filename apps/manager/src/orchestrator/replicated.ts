import { isTerminal, type ClusterNode, type Service, type Task } from '#lib/domain';
import type { ClusterChange } from '#lib/store';
import { earliest, type Decision } from '../loops/loop.js';
import { newTask } from './new-task.js';
import { afterEnd } from './restart.js';
import { grouped, isServing } from './slots.js';
import { isEnding } from './starting.js';

/** As many replicas as are asked for: each slot has a task that lives, or waits for its next try, or is done. Pure. */
export function replicated(
  service: Service,
  tasks: readonly Task[],
  nodes: ReadonlyMap<string, ClusterNode>,
  now: number,
): Decision {
  const wanted = service.spec.Mode?.Replicated?.Replicas ?? 1;
  const slots = [...grouped(tasks, (task) => task.slot)].filter(([, all]) =>
    all.some((task) => task.desired !== 'remove'),
  );
  const changes: ClusterChange[] = [];
  let wakeAt: number | undefined;
  for (const [, all] of ranked(slots, nodes).slice(wanted)) {
    for (const task of all) if (task.desired !== 'remove') changes.push(put({ ...task, desired: 'remove' }));
  }
  const kept = new Map(ranked(slots, nodes).slice(0, wanted));
  for (const [slot, all] of kept) {
    if (all.some((task) => isServing(task, nodes))) continue;
    const latest = all.at(-1)!;
    if (latest.desired !== 'shutdown' && !isTerminal(latest.status.state)) continue;
    const verdict = afterEnd(latest, all, now);
    if (!verdict.again) continue;
    if (verdict.makeAt > now) {
      wakeAt = earliest(wakeAt, verdict.makeAt);
      continue;
    }
    const held = all.some((task) => isEnding(task, nodes));
    changes.push(put(newTask(service, { slot: Number(slot), notBefore: verdict.notBefore, held }, now)));
    wakeAt = earliest(wakeAt, verdict.notBefore > now ? verdict.notBefore : undefined);
  }
  for (let slot = 1; kept.size < wanted; slot++) {
    if (kept.has(slot)) continue;
    kept.set(slot, []);
    changes.push(put(newTask(service, { slot }, now)));
  }
  return { changes, wakeAt };
}

/** Those that serve come first, then those that nearly do, then the lowest numbers: what is surplus is the end. */
function ranked(
  slots: [string | number, Task[]][],
  nodes: ReadonlyMap<string, ClusterNode>,
): [string | number, Task[]][] {
  const rank = (all: Task[]) =>
    all.some((task) => isServing(task, nodes) && task.status.state === 'running')
      ? 0
      : all.some((task) => isServing(task, nodes))
        ? 1
        : 2;
  return [...slots].sort(([a, left], [b, right]) => rank(left) - rank(right) || Number(a) - Number(b));
}

export const put = (value: Task): ClusterChange => ({ op: 'put', kind: 'task', value });
