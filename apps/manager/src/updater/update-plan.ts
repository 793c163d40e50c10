import { isLive, type ClusterNode, type Service, type Task, type UpdateConfig } from '#lib/domain';
import { earliest } from '../loops/loop.js';
import { mayStart } from '../orchestrator/global.js';
import { afterEnd } from '../orchestrator/restart.js';
import { waitsUntil } from '../orchestrator/starting.js';

/** Docker's defaults: one at a time, old before new, five seconds of watching. Nanoseconds where they are times. */
const DEFAULTS = {
  Parallelism: 1,
  Delay: 0,
  Monitor: 5e9,
  MaxFailureRatio: 0,
  Order: 'stop-first',
  FailureAction: 'pause',
} as const;
const MS = 1e6;

export type Config = Required<UpdateConfig>;

export function configOf(service: Service): Config {
  const rollsBack = service.updateStatus?.state.startsWith('rollback') === true;
  return { ...DEFAULTS, ...(rollsBack ? service.spec.RollbackConfig : service.spec.UpdateConfig) };
}

/** One replica (or node, of a global service) while its service is updated. */
export interface Replica {
  key: string | number;
  /** live tasks of older specs */
  old: Task[];
  /** live tasks of the spec of now */
  fresh: Task[];
  /** its latest task has ended with an older spec, and no other one follows of itself */
  ended: boolean;
  /** older ones are on their way out, and have so long for that: milliseconds since the epoch */
  waitsUntil?: number;
}

export function isStale({ old, ended }: Replica): boolean {
  return old.length > 0 || ended;
}

/** @param groups tasks by place, the latest last */
export function replicasOf(
  service: Service,
  groups: ReadonlyMap<string | number, readonly Task[]>,
  nodes: ReadonlyMap<string, ClusterNode>,
  now: number,
): Replica[] {
  const kept = [...groups].filter(([, tasks]) => tasks.some((task) => task.desired !== 'remove'));
  return kept.map(([key, tasks]) => {
    const fresh = tasks.filter((task) => isLive(task) && task.specVersion === service.specVersion);
    return {
      key,
      old: tasks.filter((task) => isLive(task) && task.specVersion !== service.specVersion),
      fresh,
      ended: hasEnded(service, tasks, nodes, now),
      waitsUntil: earliest(...fresh.map((task) => waitsUntil(task, tasks, nodes, now))),
    };
  });
}

function hasEnded(
  service: Service,
  tasks: readonly Task[],
  nodes: ReadonlyMap<string, ClusterNode>,
  now: number,
): boolean {
  const latest = tasks.findLast((task) => task.desired !== 'remove');
  if (!latest || tasks.some(isLive) || latest.specVersion === service.specVersion) return false;
  if (service.spec.Mode?.Global) {
    const node = nodes.get(latest.nodeId ?? '');
    if (!node || !mayStart(node, service.spec.TaskTemplate.Placement?.Constraints ?? [])) return false;
  }
  return !afterEnd(latest, tasks, now).again;
}

/** Is this replica in the middle of its update? While it is watched after it, it counts as well. */
export function isBusy(replica: Replica, config: Config, now: number): boolean {
  if (replica.fresh.length === 0) return false;
  if (replica.old.length > 0 || replica.waitsUntil !== undefined) return true;
  return replica.fresh.some((task) => task.status.state !== 'running' || now < quietSince(task, config));
}

/** When a replica that runs with the new spec lets the next one begin. Milliseconds since the epoch. */
export function quietSince(task: Task, config: Config): number {
  return Date.parse(task.status.at) + config.Delay / MS;
}

export function isUnderWay({ updateStatus }: Pick<Service, 'updateStatus'>): boolean {
  return updateStatus?.state === 'updating' || updateStatus?.state === 'rollback_started';
}

/** How long replicas that were updated last are watched before the update counts as completed. Milliseconds since the epoch. */
export function watchedUntil(replicas: readonly Replica[], { updateStatus }: Service, config: Config): number {
  const since = updateStatus?.startedAt ?? '';
  const updated = replicas.flatMap(({ fresh }) => fresh).filter((task) => task.createdAt >= since);
  return Math.max(0, ...updated.map((task) => Date.parse(task.status.at) + config.Monitor / MS));
}

/** Tasks of the new spec that failed while the update goes on. */
export function failuresOf(service: Service, tasks: readonly Task[]): Task[] {
  const since = service.updateStatus?.startedAt ?? '';
  return tasks.filter(
    (task) =>
      task.specVersion === service.specVersion &&
      task.createdAt >= since &&
      (task.status.state === 'failed' || task.status.state === 'rejected'),
  );
}
