import type { ContainerStatus, Healthcheck, HealthStatus } from './container.js';

/**
 * The health after one probe, by Docker's rules: one success is healthy; `retries` failures in a row are unhealthy;
 * failures within the start period of a container that was never healthy do not count. Milliseconds.
 */
export function afterProbe(
  check: Healthcheck,
  status: Pick<ContainerStatus, 'health' | 'failingStreak'>,
  probe: { passed: boolean; sinceStartMs: number },
): { health: HealthStatus; failingStreak: number } {
  if (probe.passed) return { health: 'healthy', failingStreak: 0 };
  if (status.health === 'starting' && probe.sinceStartMs < check.startPeriodMs) {
    return { health: 'starting', failingStreak: 0 };
  }
  const failingStreak = status.failingStreak + 1;
  return { health: failingStreak >= check.retries ? 'unhealthy' : status.health, failingStreak };
}

/** How long to wait for the next probe: within the start period the start interval. Milliseconds. */
export function probeInterval(check: Healthcheck, health: HealthStatus, sinceStartMs: number): number {
  return health === 'starting' && sinceStartMs < check.startPeriodMs ? check.startIntervalMs : check.intervalMs;
}
