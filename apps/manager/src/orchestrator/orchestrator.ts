import { isBefore, isTerminal, type ClusterNode, type Service, type Task } from '#lib/domain';
import type { ClusterChange } from '#lib/store';
import { earliest, type Decision, type Loop } from '../loops/loop.js';
import { global } from './global.js';
import { globalJob, replicatedJob } from './jobs.js';
import { put, replicated } from './replicated.js';
import { isLost, nodesById, tasksByService } from './slots.js';
import { started } from './starting.js';

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
      const known = tasks.get(service.id) ?? [];
      const withoutLost = known.map((task) => calledOff(task, nodes));
      const own = started(service, withoutLost, nodes, now);
      const decision = modeOf(service)(service, own.tasks, nodes, now);
      const decided = new Set(decision.changes.flatMap((each) => (each.op === 'put' ? [(each.value as Task).id] : [])));
      changes.push(...own.tasks.filter((task, index) => task !== known[index] && !decided.has(task.id)).map(put));
      changes.push(...decision.changes);
      wakeAt = earliest(wakeAt, decision.wakeAt, own.wakeAt);
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

/** A task whose node is lost or emptied, or that is unhealthy, is to end without anybody's decision. */
function calledOff(task: Task, nodes: ReadonlyMap<string, ClusterNode>): Task {
  const ends = (isLost(task, nodes) || isUnhealthy(task)) && isBefore(task.desired, 'shutdown');
  return ends ? { ...task, desired: 'shutdown' } : task;
}
