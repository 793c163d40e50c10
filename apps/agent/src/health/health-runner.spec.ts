import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Engine } from '#lib/engine';
import type { Store } from '#lib/store';
import type { World } from '../reconciler/world.js';
import { HealthRunner } from './health-runner.js';

const HOUR = 60 * 60 * 1000;

describe('the probes of a container', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function begin(intervalMs: number) {
    const healthcheck = { test: ['CMD', 'true'], intervalMs, timeoutMs: 1_000, retries: 3 };
    const rows = { container: { id: 'c', name: 'web', healthcheck: { ...healthcheck, startPeriodMs: 0 } } };
    const store = {
      get: (kind: string) => (kind === 'container' ? { value: rows.container } : undefined),
      transact: async () => undefined,
    };
    const exec = vi.fn(async () => ({ exitCode: 0, output: '' }));
    const seen = { id: 'c', engineId: 'e', pid: 7, state: 'running', startedAt: '' };
    const runner = new HealthRunner(
      store as unknown as Store,
      { exec } as unknown as Engine,
      { container: () => seen } as unknown as World,
    );
    runner.consider('c');
    return { runner, exec };
  }

  it('are as far apart as its check says', async () => {
    const { runner, exec } = begin(5_000);
    await vi.advanceTimersByTimeAsync(15_000);
    expect(exec).toHaveBeenCalledTimes(3);
    runner.stop();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('do not follow each other at once where they are a month apart', async () => {
    const { runner, exec } = begin(720 * HOUR);
    await vi.advanceTimersByTimeAsync(719 * HOUR);
    expect(exec).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(HOUR);
    expect(exec).toHaveBeenCalledTimes(1);
    runner.stop();
  });
});
