import { isTerminal, type Service, type Task } from '#lib/domain';

/**
 * The tasks of one replica that may be forgotten: what has ended beyond the limit, the oldest first. What decisions go by
 * stays, whatever the limit. Pure.
 * @param all the replica's tasks, the latest last
 * @param limit how many ended ones are kept; below 0: all of them
 */
export function surplusOf(all: readonly Task[], service: Service | undefined, limit: number): Task[] {
  if (limit < 0) return [];
  const own = all.filter((task) => task.desired !== 'remove');
  const past = own.filter((task) => isTerminal(task.status.state));
  const needed = neededOf(own, service);
  return past.slice(0, Math.max(0, past.length - limit)).filter((task) => !needed.has(task));
}

/** What the replica has come to, the tries that its restart policy counts, and what of the current run of a job is done. */
function neededOf(own: readonly Task[], service: Service | undefined): Set<Task> {
  const needed = new Set(own.slice(-1));
  if (!service) return needed;
  const attempts = service.spec.TaskTemplate.RestartPolicy?.MaxAttempts ?? 0;
  // The first try is no restart.
  const tries = own.filter((task) => task.specVersion === service.specVersion).slice(-(attempts + 1));
  for (const task of tries) needed.add(task);
  for (const task of own) {
    const ofThisRun = task.jobIteration !== undefined && task.jobIteration === service.jobIteration;
    if (ofThisRun && task.status.state === 'complete') needed.add(task);
  }
  return needed;
}
