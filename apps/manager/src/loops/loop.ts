import type { ClusterChange, ClusterKind, ClusterView } from '#lib/store';

/** What a loop decides on one look at the state. */
export interface Decision {
  changes: ClusterChange[];
  /** when time alone makes another look necessary: milliseconds since the epoch */
  wakeAt?: number;
}

/**
 * A control loop: a pure function of the state and the time. It is called once at the start and after each commit that
 * touched a kind it reads, so that it needs no memory of its own. An equal state gives no change.
 */
export interface Loop {
  name: string;
  reads: readonly ClusterKind[];
  decide(view: ClusterView, now: number): Decision;
}

/** The earliest of several moments; undefined where there is none. */
export function earliest(...moments: (number | undefined)[]): number | undefined {
  const known = moments.filter((moment) => moment !== undefined);
  return known.length > 0 ? Math.min(...known) : undefined;
}
