import type { ClusterNode, Service, Task } from '#lib/domain';
import type { ClusterChange } from '#lib/store';
import { earliest, type Decision, type Loop } from '../loops/loop.js';
import { isJob, newTask } from '../orchestrator/new-task.js';
import { put } from '../orchestrator/replicated.js';
import { grouped, nodesById, placeOf, tasksByService } from '../orchestrator/slots.js';
import {
  busyUntil,
  configOf,
  failuresOf,
  isStale,
  isUnderWay,
  replicasOf,
  watchedUntil,
  type Config,
  type Replica,
} from './update-plan.js';

/**
 * Replaces tasks of an older spec: so many replicas at a time, the old task before the new one or after it, with a pause
 * between; and stops, or goes back to the spec before, when too many fail.
 */
export const updater: Loop = {
  name: 'updater',
  reads: ['service', 'node', 'task'],
  decide(view, now) {
    const tasks = tasksByService(view);
    const nodes = nodesById(view);
    const decisions = view
      .list('service')
      .filter((service) => !isJob(service))
      .map((service) => update(service, tasks.get(service.id) ?? [], nodes, now));
    return {
      changes: decisions.flatMap((each) => each.changes),
      wakeAt: earliest(...decisions.map((each) => each.wakeAt)),
    };
  },
};

function update(service: Service, tasks: Task[], nodes: ReadonlyMap<string, ClusterNode>, now: number): Decision {
  const config = configOf(service);
  const places = grouped(tasks, (task) => placeOf(task, service));
  const replicas = replicasOf(service, places, nodes, now);
  // What was begun is brought to its end, whatever becomes of the update: no replica is left with two tasks.
  const changes = replicas.flatMap(relieved);
  const paused = service.updateStatus?.state === 'paused' || service.updateStatus?.state === 'rollback_paused';
  if (paused) return { changes };
  const stale = replicas.filter(isStale);
  const busy = replicas.filter((replica) => now < busyUntil(replica, config));
  // What starts of itself, as when a service is made or grows, is no update.
  if (stale.length === 0 && !isUnderWay(service)) return { changes };
  const failed = failuresOf(replicas, config);
  const touched = replicas.filter((replica) => isStale(replica) || replica.first);
  const tooMany = failed.length > 0 && failed.length / touched.length > config.MaxFailureRatio;
  if (tooMany && config.FailureAction !== 'continue') {
    return { changes: [...changes, failure(service, config, failed.at(-1)!, now)] };
  }
  if (stale.length === 0 && busy.length === 0) {
    const until = watchedUntil(replicas, config);
    return now < until ? { changes, wakeAt: until } : { changes: [...changes, ...completed(service, now)] };
  }
  changes.push(...begun(service, now));
  const room = config.Parallelism === 0 ? Infinity : config.Parallelism - busy.length;
  const waiting = stale.filter((replica) => replica.fresh.length === 0 && !busy.includes(replica));
  for (const replica of waiting.slice(0, Math.max(0, room))) changes.push(...begin(service, replica, config, now));
  const moments = busy.map((replica) => busyUntil(replica, config));
  return { changes, wakeAt: earliest(...moments.filter(Number.isFinite)) };
}

/** The first step of one replica: its old task goes and a new one is prepared, or the new one comes first. */
function begin(service: Service, { key, old, next }: Replica, config: Config, now: number): ClusterChange[] {
  if (!next.again) return [];
  const place = service.spec.Mode?.Global ? { slot: 0, nodeId: String(key) } : { slot: Number(key) };
  if (config.Order === 'start-first') return [put(newTask(service, { ...place, notBefore: next.notBefore }, now))];
  return [
    ...old.map((task) => put({ ...task, desired: 'shutdown' })),
    put(newTask(service, { ...place, held: true }, now)),
  ];
}

/** The second one, where the new task came first: the old one goes when it runs. Else the new one starts of itself. */
function relieved({ old, fresh }: Replica): ClusterChange[] {
  const runs = fresh.some((task) => task.status.state === 'running');
  return runs ? old.map((task) => put({ ...task, desired: 'shutdown' })) : [];
}

function begun(service: Service, now: number): ClusterChange[] {
  if (isUnderWay(service)) return [];
  const startedAt = new Date(now).toISOString();
  return [putService({ ...service, updateStatus: { state: 'updating', startedAt, message: 'update in progress' } })];
}

function completed(service: Service, now: number): ClusterChange[] {
  const { updateStatus } = service;
  if (!updateStatus) return [];
  const rollback = updateStatus.state === 'rollback_started';
  return [
    putService({
      ...service,
      updateStatus: {
        ...updateStatus,
        state: rollback ? 'rollback_completed' : 'completed',
        completedAt: new Date(now).toISOString(),
        message: rollback ? 'rollback completed' : 'update completed',
      },
    }),
  ];
}

/** Too many failed: the update waits for a person, or the spec before it comes back. */
function failure(service: Service, config: Config, last: Task, now: number): ClusterChange {
  const startedAt = service.updateStatus?.startedAt ?? new Date(now).toISOString();
  const rollsBack = service.updateStatus?.state === 'rollback_started';
  if (config.FailureAction === 'rollback' && !rollsBack && service.previousSpec) {
    return putService({
      ...service,
      spec: service.previousSpec,
      registryAuth: service.previousRegistryAuth,
      specVersion: service.specVersion + 1,
      updateStatus: {
        state: 'rollback_started',
        startedAt: new Date(now).toISOString(),
        message: `update rolled back due to failure or early termination of task ${last.id}`,
      },
    });
  }
  return putService({
    ...service,
    updateStatus: {
      state: rollsBack ? 'rollback_paused' : 'paused',
      startedAt,
      message: `update paused due to failure or early termination of task ${last.id}`,
    },
  });
}

const putService = (value: Service): ClusterChange => ({ op: 'put', kind: 'service', value });
