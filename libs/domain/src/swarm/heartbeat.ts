import { invalid } from '#lib/common';
import type { ClusterSpec } from './specs.js';

const MS = 1e6;
/** Docker's. Milliseconds. */
const DEFAULT = 5_000;
/** More often, and nodes would count as down whenever a machine is busy. Milliseconds. */
const SHORTEST = 100;
/** One day: longer ones are slips of the unit. Milliseconds. */
const LONGEST = 86_400_000;

/** How often nodes are to be heard of by the manager. Milliseconds. */
export function heartbeatOf(spec: Pick<ClusterSpec, 'Dispatcher'>): number {
  return (spec.Dispatcher?.HeartbeatPeriod || DEFAULT * MS) / MS;
}

/** @param period nanoseconds; none or 0: Docker's default */
export function checkHeartbeat(period: number | null | undefined): void {
  if (!period || (period >= SHORTEST * MS && period <= LONGEST * MS)) return;
  const found = `${period / MS} ms`;
  throw invalid(`the dispatcher's heartbeat period is ${found}; between ${SHORTEST} ms and 24 h are accepted`);
}
