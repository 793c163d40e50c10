import { isAhead } from '#lib/common';
import { freshStatus, type Container, type ContainerStatus, type RestartPolicy } from './container.js';

/** A run that lasted this long makes the next restart immediate again (Docker's rule). Milliseconds. */
const SETTLED_MS = 10_000;
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 60_000;

export interface EndedRun {
  exitCode: number;
  startedAt: string;
  finishedAt: string;
}

/**
 * What follows from the end of a run that nobody asked for: a restart after a wait that doubles from 100 ms to a
 * minute, or the end. `now` is in milliseconds.
 */
export function afterExit(container: Container, status: ContainerStatus, run: EndedRun, now: number): ContainerStatus {
  const ended: ContainerStatus = {
    ...status,
    endedAt: run.finishedAt,
    exitCode: run.exitCode,
    health: container.healthcheck ? 'starting' : 'none',
    failingStreak: 0,
  };
  if (!restarts(container.restart, run.exitCode, status.restartCount)) {
    return { ...ended, finished: true, restartAt: undefined };
  }
  const lasted = Date.parse(run.finishedAt) - Date.parse(run.startedAt);
  const doubled = Math.min(2 * (status.restartWaitMs ?? 0), LONGEST_WAIT_MS);
  const restartWaitMs = lasted >= SETTLED_MS ? FIRST_WAIT_MS : Math.max(FIRST_WAIT_MS, doubled);
  return {
    ...ended,
    finished: false,
    restartCount: status.restartCount + 1,
    restartAt: now + restartWaitMs,
    restartWaitMs,
  };
}

/** Until when its next run is put off, in milliseconds since the epoch; undefined: it is not, any more. */
export function putOffUntil(status: ContainerStatus | undefined, now: number): number | undefined {
  const { restartAt, restartWaitMs = LONGEST_WAIT_MS } = status ?? {};
  return restartAt !== undefined && isAhead(restartAt, restartWaitMs, now) ? restartAt : undefined;
}

/** What follows from the end of a run that went with the machine: of a project it runs again, else its policy says. */
export function afterLoss(container: Container, status: ContainerStatus, run: EndedRun): ContainerStatus {
  const again = container.origin !== 'api' || ['always', 'unless-stopped'].includes(container.restart.name);
  return { ...status, endedAt: run.finishedAt, exitCode: run.exitCode, finished: !again };
}

/** Is it a run that is to be ended, for another one to follow it? */
export function isToRestart(
  { target, endRun }: Pick<Container, 'target' | 'endRun'>,
  run: Pick<EndedRun, 'startedAt'> | undefined,
): boolean {
  return target === 'running' && endRun !== undefined && run?.startedAt === endRun;
}

/** What follows from the end of such a run: the next one begins as if nobody had seen one before. */
export function afterRestart(container: Container, run: EndedRun): ContainerStatus {
  return { ...freshStatus(container), endedAt: run.finishedAt, exitCode: run.exitCode };
}

function restarts(policy: RestartPolicy, exitCode: number, restartCount: number): boolean {
  switch (policy.name) {
    case 'always':
    case 'unless-stopped':
      return true;
    case 'on-failure':
      return exitCode !== 0 && (policy.maxRetries === 0 || restartCount < policy.maxRetries);
    case 'no':
      return false;
  }
}
