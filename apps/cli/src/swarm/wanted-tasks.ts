import type { ShownService } from './swarm-api.js';

/** How many tasks of the service are to run or, of a job, to be completed by its latest run. Pure. */
export function wantedTasks({ ServiceStatus: status, Spec: { Mode: mode } }: ShownService): number {
  const { DesiredTasks = 0, CompletedTasks = 0 } = status ?? {};
  // Docker counts what has yet to be done of a global job, and of a replicated one how many may run at a time.
  if (mode?.GlobalJob) return DesiredTasks + CompletedTasks;
  return mode?.ReplicatedJob?.TotalCompletions ?? DesiredTasks;
}
