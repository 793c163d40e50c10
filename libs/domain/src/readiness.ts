import type { Container, ContainerStatus, Dependency } from './container.js';
import type { ObservedContainer } from './observed.js';
import { isToRestart } from './restart.js';

/** Why a container that asks must wait, or why it never gets what it waits for. */
export type Blocked = { why: string; failed: boolean };

/** Is a condition met on one container of the service that is depended on? Undefined: met. */
export function unmet(
  dependency: Dependency,
  target: Container,
  status: ContainerStatus | undefined,
  observed: ObservedContainer | undefined,
): Blocked | undefined {
  const ended = status?.finished === true && observed?.state !== 'running';
  // Its run that is over is not the one that counts.
  if (!ended && isToRestart(target, observed)) return { why: `waiting for ${target.name} to start`, failed: false };
  switch (dependency.condition) {
    case 'service_started':
      if (observed?.state === 'running' || observed?.state === 'exited' || ended) return undefined;
      return { why: `waiting for ${target.name} to start`, failed: false };
    case 'service_healthy':
      if (ended) return { why: `${target.name} exited (${status.exitCode ?? 0})`, failed: true };
      if (observed?.state !== 'running') return { why: `waiting for ${target.name} to start`, failed: false };
      if (status?.health === 'healthy') return undefined;
      if (status?.health === 'unhealthy') return { why: `${target.name} is unhealthy`, failed: true };
      if (!target.healthcheck) return { why: `${target.name} has no health check`, failed: true };
      return { why: `waiting for ${target.name} to be healthy`, failed: false };
    case 'service_completed_successfully':
      if (!ended) return { why: `waiting for ${target.name} to complete`, failed: false };
      if (status.exitCode === 0 && !status.error) return undefined;
      return { why: `${target.name} didn't complete successfully: exit ${status.exitCode ?? 'unknown'}`, failed: true };
  }
}

/** Does it run, or is it to run? What is stopped or has ended holds no port and no address that another one asks for. */
export function isActive(container: Container, status: ContainerStatus | undefined): boolean {
  if (container.target === 'created') return true;
  return container.target === 'running' && status?.finished !== true;
}

/** It is to be stopped, and gets the time to end what was begun. */
export function isDraining(container: Pick<Container, 'target' | 'drainUntil'>): boolean {
  return container.target === 'stopped' && container.drainUntil !== undefined;
}

/** Why an endpoint's container is left out of shared names; empty: it is answered. */
export function withheld(
  container: Container,
  status: ContainerStatus | undefined,
  observed: ObservedContainer | undefined,
): string {
  if (isDraining(container)) return 'leaving';
  if (container.target !== 'running') return container.target === 'removed' ? 'being removed' : 'stopped';
  if (observed?.state === 'paused') return 'paused';
  if (observed?.state === 'running' && isToRestart(container, observed)) return 'restarting';
  if (observed?.state !== 'running')
    return observed?.state === 'exited' || observed?.state === 'other' ? 'exited' : 'not started';
  if (!container.healthcheck || status?.health === 'healthy') return '';
  if (status?.health === 'unhealthy') return 'unhealthy';
  return container.publishEarly ? '' : 'health: starting';
}
