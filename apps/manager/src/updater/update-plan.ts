import { isBefore, isLeaving, isLive, type ClusterNode, type Service, type Task, type UpdateConfig } from '#lib/domain';
import { earliest } from '../loops/loop.js';
import { mayStart } from '../orchestrator/global.js';
import { afterEnd, atOnce, type Verdict } from '../orchestrator/restart.js';
import { waitsUntil } from '../orchestrator/starting.js';
import { currentIn } from '../orchestrator/task-digest.js';

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
  return withDefaults(rollsBack ? service.spec.RollbackConfig : service.spec.UpdateConfig);
}

export function withDefaults(asked: Partial<UpdateConfig> = {}): Config {
  // Docker's clients leave out what they mean to be the default, or write nothing there; of no time nobody can be watched.
  const said = Object.entries<unknown>(asked).filter(
    ([key, value]) => (value ?? '') !== '' && !(key === 'Monitor' && value === 0),
  );
  return { ...DEFAULTS, ...(Object.fromEntries(said) as Partial<Config>) };
}

export function isUnderWay({ updateStatus }: Pick<Service, 'updateStatus'>): boolean {
  return updateStatus?.state === 'updating' || updateStatus?.state === 'rollback_started';
}

/** One replica (or node, of a global service) while its service is updated. */
export interface Replica {
  key: string | number;
  /** live tasks of older specs */
  old: Task[];
  /** live tasks of the spec of now */
  fresh: Task[];
  /** its latest task has ended with an older spec, and no other one follows of itself by now */
  ended: boolean;
  /** May another task be started there? On a node that is paused what runs of a global service goes on as it is. */
  open: boolean;
  /** what this update made for it first; what follows of itself after that one is no part of the update */
  first?: Task;
  /** may this update make another task for it? */
  next: Verdict;
  /** older ones are on their way out, and have so long for that: milliseconds since the epoch */
  waitsUntil?: number;
}

/** @param places tasks by place, the latest last */
export function replicasOf(
  service: Service,
  places: ReadonlyMap<string | number, readonly Task[]>,
  nodes: ReadonlyMap<string, ClusterNode>,
  now: number,
): Replica[] {
  const since = isUnderWay(service) ? service.updateStatus!.startedAt : new Date(now).toISOString();
  const isCurrent = currentIn(service);
  const kept = [...places].filter(([, tasks]) => tasks.some((task) => task.desired !== 'remove'));
  return kept.map(([key, tasks]) => {
    const fresh = tasks.filter((task) => isLive(task) && isCurrent(task));
    const tries = tasks.filter((task) => task.specVersion === service.specVersion && task.createdAt >= since);
    const latest = tries.at(-1);
    return {
      key,
      old: tasks.filter((task) => isLive(task) && !isCurrent(task)),
      fresh,
      ended: hasEnded(service, tasks, now),
      open: isOpen(service, key, nodes),
      first: tries[0],
      next: latest ? afterEnd(latest, tasks, now) : atOnce(now),
      waitsUntil: earliest(...fresh.map((task) => waitsUntil(task, tasks, nodes, now))),
    };
  });
}

function hasEnded(service: Service, tasks: readonly Task[], now: number): boolean {
  const latest = tasks.findLast((task) => task.desired !== 'remove');
  if (!latest || tasks.some(isLive) || currentIn(service)(latest)) return false;
  const next = afterEnd(latest, tasks, now);
  return !next.again || next.makeAt > now;
}

function isOpen({ spec }: Service, key: string | number, nodes: ReadonlyMap<string, ClusterNode>): boolean {
  if (!spec.Mode?.Global) return true;
  const node = nodes.get(String(key));
  return node !== undefined && mayStart(node, spec.TaskTemplate.Placement?.Constraints ?? []);
}

export function isStale({ old, ended, open }: Replica): boolean {
  return open && (old.length > 0 || ended);
}

/**
 * Until when this replica is in the middle of its update, by which the next one has to wait: until its new task has run,
 * or has ended, for as long as the delay. Milliseconds since the epoch; infinite while that is not to be foreseen.
 */
export function busyUntil(replica: Replica, config: Config): number {
  const task = decisive(replica);
  if (!task) return 0;
  const both = replica.old.length > 0 && isLive(task);
  if (both || isBefore(task.status.state, 'running')) return Infinity;
  return Math.max(replica.waitsUntil ?? 0, beginOf(task) + config.Delay / MS);
}

/** How long replicas that were updated last are watched before the update counts as completed. Milliseconds since the epoch. */
export function watchedUntil(replicas: readonly Replica[], config: Config): number {
  const begins = replicas.flatMap((replica) => decisive(replica) ?? []).map(beginOf);
  return Math.max(0, ...begins) + config.Monitor / MS;
}

/** The task by which a replica's update succeeds or fails; one that lost its node has left that to its successor. */
function decisive({ first, fresh }: Replica): Task | undefined {
  return first && isLeaving(first) && !hasEndedItself(first) ? fresh[0] : first;
}

/** When it became `running`; where it never did, when it ended. */
function beginOf(task: Task): number {
  return Date.parse(task.runningSince ?? task.status.at);
}

/** New tasks that failed or ended before they had been watched for as long as they are to be. */
export function failuresOf(replicas: readonly Replica[], config: Config): Task[] {
  return replicas
    .flatMap(({ first }) => first ?? [])
    .filter((task) => hasEndedItself(task) && !hasProved(task, config))
    .sort((a, b) => Date.parse(a.status.at) - Date.parse(b.status.at));
}

/** What counts is when it became unhealthy, and not how long it took to end then. */
function hasProved({ runningSince, unhealthySince, status }: Task, { Monitor }: Config): boolean {
  const failedAt = Date.parse(unhealthySince ?? status.at);
  return runningSince !== undefined && failedAt > Date.parse(runningSince) + Monitor / MS;
}

function hasEndedItself({ status: { state } }: Task): boolean {
  return state === 'complete' || state === 'failed' || state === 'rejected';
}
