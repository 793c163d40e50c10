import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Engine } from '#lib/engine';
import type { Store } from '#lib/store';
import type { World } from '../world/world.js';
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

  /** One that fails after half a second; the container has just started. */
  function failing() {
    const healthcheck = {
      test: ['CMD', 'slow'],
      intervalMs: 1_000,
      timeoutMs: 5_000,
      retries: 1,
      startPeriodMs: 1_200,
      startIntervalMs: 1_000,
    };
    const container = { id: 'c', name: 'web', healthcheck };
    let status = { containerId: 'c', health: 'starting', failingStreak: 0, restartCount: 0, finished: false };
    const view = { get: () => ({ value: status }) };
    const store = {
      get: (kind: string) => ({ value: kind === 'container' ? container : status }),
      transact: async (decide: (of: typeof view) => { changes: { value: typeof status }[] }) => {
        for (const { value } of decide(view).changes) status = value;
      },
    };
    const seen = { id: 'c', engineId: 'e', pid: 7, state: 'running', startedAt: new Date().toISOString() };
    const exec = () => new Promise((done) => setTimeout(() => done({ exitCode: 1, output: '' }), 500));
    const runner = new HealthRunner(
      store as unknown as Store,
      { exec } as unknown as Engine,
      { container: () => seen } as unknown as World,
    );
    return { runner, status: () => status };
  }

  it('count from when they begin: one of the start period that fails after it is forgiven', async () => {
    const { runner, status } = failing();
    runner.consider('c');
    await vi.advanceTimersByTimeAsync(1_600);
    expect(status()).toMatchObject({ health: 'starting', failingStreak: 0 });
    await vi.advanceTimersByTimeAsync(1_600);
    expect(status().health).toBe('unhealthy');
    runner.stop();
  });

  it.each([
    ['while they go on', 500],
    ['before the first one', 0],
  ])('count in time where the clock is set back %s', async (_when, after) => {
    const { runner, status } = failing();
    const back = () => vi.setSystemTime(Date.now() - HOUR);
    if (after === 0) back();
    runner.consider('c');
    await vi.advanceTimersByTimeAsync(after);
    if (after > 0) back();
    await vi.advanceTimersByTimeAsync(3_200 - after);
    expect(status().health).toBe('unhealthy');
    runner.stop();
  });

  it('count the time before anybody looked', async () => {
    const { runner, status } = failing();
    vi.setSystemTime(Date.now() + 5_000);
    runner.consider('c');
    await vi.advanceTimersByTimeAsync(1_600);
    expect(status().health).toBe('unhealthy');
    runner.stop();
  });
});
