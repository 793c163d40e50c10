import type { ContainerSpec } from './specs.js';

/** Docker's. Nanoseconds. */
const DEFAULT = 10e9;

/** How long a task has between its stop signal and its end. Milliseconds. */
export function stopGraceOf(asked: Pick<ContainerSpec, 'StopGracePeriod'> = {}): number {
  return (asked.StopGracePeriod ?? DEFAULT) / 1e6;
}
