import type { ContainerSpec } from './specs.js';

/** Docker's. Nanoseconds. */
export const STOP_GRACE = 10e9;

/** How long a task has between its stop signal and its end. Milliseconds. */
export function stopGraceOf(asked: Pick<ContainerSpec, 'StopGracePeriod'> = {}): number {
  return (asked.StopGracePeriod ?? STOP_GRACE) / 1e6;
}
