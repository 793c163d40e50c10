import { isAhead } from '#lib/common';
import type { RestartCondition, Task } from '#lib/domain';

/** Docker's defaults. Nanoseconds. */
export const RESTART = { Condition: 'any', Delay: 5e9, MaxAttempts: 0 } as const;
const MS = 1e6;

/** What follows from the end of a replica's latest task. */
export type Verdict = { again: true; notBefore: number; makeAt: number } | { again: false };

/** The first task of a replica. */
export const atOnce = (now: number): Verdict => ({ again: true, notBefore: now, makeAt: now });

/**
 * Is there to be another try? By the restart policy that the latest task was made with: condition, delay, and how many
 * tries within which window. Where there is none, an update makes one with the spec of now.
 *
 * The next task is made before its time, so that all is ready then. One that ended before its own, as its node rejects it,
 * counts as ended at that time, and the next is not made before: else tasks would follow each other at once.
 * @param history all tasks of this replica, with the spec that the service has now or an older one, the latest last
 */
export function afterEnd(latest: Task, history: readonly Task[], now: number): Verdict {
  const policy: RestartCondition = latest.spec.RestartPolicy ?? {};
  const condition = policy.Condition || RESTART.Condition;
  // Nobody asked it to end, and it was not to blame: its node went, or it was shut down to make place.
  const blamed = latest.status.unhealthy === true || latest.status.state === 'failed';
  const moved = (latest.desired === 'shutdown' && !blamed) || latest.status.state === 'orphaned';
  if (!moved && condition === 'none') return { again: false };
  if (!moved && condition === 'on-failure' && latest.status.state === 'complete') return { again: false };
  // The clock may have been set back since.
  const ended = Math.min(now, Date.parse(latest.status.at));
  if (!moved && !mayTry(policy, latest, history, ended)) return { again: false };
  const delay = moved ? 0 : (policy.Delay ?? RESTART.Delay) / MS;
  const own = latest.notBefore ?? 0;
  const due = !moved && (own <= now || isAhead(own, delay, now)) ? own : 0;
  return { again: true, notBefore: Math.max(ended, due) + delay, makeAt: Math.max(now, due) };
}

/** The window ends with the task that ended, not now: else what was given up would be tried again once time has passed. */
function mayTry(policy: RestartCondition, latest: Task, history: readonly Task[], ended: number): boolean {
  const most = policy.MaxAttempts ?? RESTART.MaxAttempts;
  if (most === 0) return true;
  const since = policy.Window ? ended - policy.Window / MS : -Infinity;
  const tries = history.filter((task) => task.specVersion === latest.specVersion && task.desired !== 'remove');
  // The first one is no restart; of a longer history the reaper leaves one more than count.
  const restarts = tries.slice(1).filter((task) => Date.parse(task.createdAt) >= since);
  return restarts.length < most;
}
