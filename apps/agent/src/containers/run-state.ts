import { conflict } from '#lib/common';
import type { ContainerStatus, HealthStatus } from '#lib/domain';
import type { KnownContainer } from './container-directory.js';

/** Docker's names of what a container is doing. */
export const PHASES = ['created', 'restarting', 'running', 'removing', 'paused', 'exited', 'dead'] as const;
/** What is being removed is not listed. */
export type Phase = Exclude<(typeof PHASES)[number], 'removing' | 'dead'>;

export interface RunState {
  phase: Phase;
  /** 0 while it has no process */
  pid: number;
  /** of its last run; 0 while it runs */
  exitCode: number;
  /** ISO 8601; empty: never */
  startedAt: string;
  finishedAt: string;
  /** why the last start failed */
  error: string;
  health: HealthStatus;
}

/** What a container is doing, from what is desired of it and what the engine says. Pure. */
export function runStateOf({ container, status, seen }: KnownContainer): RunState {
  const { startedAt = '', finishedAt = '', pid = 0 } = seen ?? {};
  const phase = phaseOf({ container, status, seen });
  const up = phase === 'running' || phase === 'paused';
  return {
    phase,
    pid: up ? pid : 0,
    exitCode: up ? 0 : phase === 'created' && !status.error ? 0 : (status.exitCode ?? seen?.exitCode ?? 0),
    startedAt,
    finishedAt,
    error: status.error ?? '',
    // Nobody probes it, which Docker has clients read as unhealthy.
    health: (phase === 'exited' || phase === 'restarting') && container.healthcheck ? 'unhealthy' : status.health,
  };
}

function phaseOf({ container, status, seen }: KnownContainer): Phase {
  if (seen?.state === 'paused') return 'paused';
  // `other`: its process is gone and the engine has not said so yet.
  if (seen?.state === 'running' || seen?.state === 'other') return 'running';
  if (container.target === 'running' && !status.finished && isBetweenRuns(status, seen)) return 'restarting';
  return seen?.startedAt ? 'exited' : 'created';
}

/** Its next run by policy is due, or just beginning, or over before anybody looked. */
function isBetweenRuns({ restartAt, restartCount }: ContainerStatus, seen: KnownContainer['seen']): boolean {
  return restartAt !== undefined || (restartCount > 0 && seen?.state === 'exited');
}

/** Has it a process, or is it between two? Docker counts both as running. */
export function isRunning({ phase }: RunState): boolean {
  return phase === 'running' || phase === 'paused' || phase === 'restarting';
}

/** Docker's answer to a removal without force. A process that is gone is in nobody's way, whatever the engine says yet. */
export function refuseRunning(known: KnownContainer): void {
  const state = runStateOf(known);
  if (!isRunning(state) || known.seen?.state === 'other') return;
  const first = state.phase === 'paused' ? 'unpause and stop' : 'stop';
  throw conflict(
    `cannot remove container "/${known.container.name}": container is ${state.phase}: ${first} the container before removing or force remove`,
  );
}
