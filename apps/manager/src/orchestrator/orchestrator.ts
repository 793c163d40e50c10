import { isBefore, isTerminal, type ClusterNode, type Service, type Task } from '#lib/domain';
import type { ClusterChange } from '#lib/store';
import { earliest, type Decision, type Loop } from '../loops/loop.js';
import { global } from './global.js';
import { globalJob, replicatedJob } from './jobs.js';
import { put, replicated } from './replicated.js';
import { isLost, nodesById, tasksByService } from './slots.js';

/** Makes tasks of services, and takes back what no service asks for any more. */
export const orchestrator: Loop = {
  name: 'orchestrator',
  reads: ['service', 'node', 'task'],
  decide(view, now) {
    const nodes = nodesById(view);
    const tasks = tasksByService(view);
    const changes: ClusterChange[] = [];
    let wakeAt: number | undefined;
    for (const service of view.list('service')) {
      const own = (tasks.get(service.id) ?? []).map((task) => movedOn(task, nodes, now));
      const decision = modeOf(service)(
        service,
        own.map((each) => each.task),
        nodes,
        now,
      );
      const decided = new Set(decision.changes.flatMap((each) => (each.op === 'put' ? [(each.value as Task).id] : [])));
      changes.push(...own.filter((each) => each.changed && !decided.has(each.task.id)).map(({ task }) => put(task)));
      changes.push(...decision.changes);
      wakeAt = earliest(wakeAt, decision.wakeAt, ...own.map((each) => each.wakeAt));
      tasks.delete(service.id);
    }
    // Their service is gone.
    for (const task of [...tasks.values()].flat())
      if (task.desired !== 'remove') changes.push(put({ ...task, desired: 'remove' }));
    return { changes, wakeAt };
  },
};

type Mode = (s: Service, tasks: Task[], nodes: ReadonlyMap<string, ClusterNode>, now: number) => Decision;

function modeOf({ spec }: Service): Mode {
  if (spec.Mode?.Global) return global;
  if (spec.Mode?.ReplicatedJob) return replicatedJob;
  if (spec.Mode?.GlobalJob) return globalJob;
  return replicated;
}

const isUnhealthy = ({ status }: Task) => status.unhealthy === true && !isTerminal(status.state);

/** What has become of a task without anybody's decision: its node was lost, it is unhealthy, or its time has come. */
function movedOn(
  task: Task,
  nodes: ReadonlyMap<string, ClusterNode>,
  now: number,
): { task: Task; changed: boolean; wakeAt?: number } {
  if ((isLost(task, nodes) || isUnhealthy(task)) && isBefore(task.desired, 'shutdown')) {
    return { task: { ...task, desired: 'shutdown' }, changed: true };
  }
  if (task.notBefore === undefined || task.desired !== 'ready' || isTerminal(task.status.state)) {
    return { task, changed: false };
  }
  if (task.notBefore > now) return { task, changed: false, wakeAt: task.notBefore };
  const { notBefore: _past, ...rest } = task;
  return { task: { ...rest, desired: task.jobIteration === undefined ? 'running' : 'complete' }, changed: true };
}
