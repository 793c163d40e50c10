import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { conflict, notFound, unavailable } from '#lib/common';
import type { ObservedContainer } from '#lib/domain';
import type { Engine } from '#lib/engine';
import type { World } from '../world/world.js';
import { stopBySignal } from './stop-by-signal.js';

const DAY = 24 * 60 * 60 * 1000;

describe('stopBySignal', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** @param kill what the engine answers to the signal */
  function begin(graceSeconds: number, kill: () => Promise<void> = async () => undefined) {
    const listeners = new Set<(id: string) => void>();
    const facts = { state: 'running', over: false, looks: 0, gone: false };
    const world = {
      container: () => (facts.gone ? undefined : { state: facts.state }),
      look: async () => {
        facts.looks++;
        if (facts.gone) throw notFound('no such container');
        for (const listener of listeners) listener('c');
      },
      onContainer: (listener: (id: string) => void) => {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    };
    const seen = { id: 'c', engineId: 'e' } as ObservedContainer;
    const parts = { engine: { kill } as unknown as Engine, world: world as unknown as World };
    const done = stopBySignal(parts, seen, { signal: 2, graceSeconds }).then(() => (facts.over = true));
    return { facts, listeners, done };
  }

  it('waits for its grace, and no longer', async () => {
    const { facts, listeners } = begin(3);
    await vi.advanceTimersByTimeAsync(2_900);
    expect(facts.over).toBe(false);
    await vi.advanceTimersByTimeAsync(200);
    expect([facts.over, listeners.size, vi.getTimerCount()]).toEqual([true, 0, 0]);
  });

  it('sees an end by looking when nobody tells of it, however long the grace is', async () => {
    const { facts } = begin(1_000_000_000);
    await vi.advanceTimersByTimeAsync(3_000);
    Object.assign(facts, { state: 'other' });
    await vi.advanceTimersByTimeAsync(3_000);
    expect([facts.over, facts.looks]).toEqual([false, 6]);
    Object.assign(facts, { state: 'exited' });
    await vi.advanceTimersByTimeAsync(1_000);
    expect([facts.over, vi.getTimerCount()]).toEqual([true, 0]);
  });

  it('sets no timer that would ring at once since it is too long', async () => {
    const { facts } = begin((30 * DAY) / 1000);
    await vi.advanceTimersByTimeAsync(100);
    expect(facts.over).toBe(false);
    facts.gone = true;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(facts.over).toBe(true);
  });

  it('has nothing to wait for where it has just ended, and does not hide that the engine is away', async () => {
    await begin(3, async () => Promise.reject(conflict('it is not running'))).done;
    const away = begin(3, async () => Promise.reject(unavailable('nobody is there'))).done;
    await expect(away).rejects.toThrow('nobody is there');
    expect(vi.getTimerCount()).toBe(0);
  });
});
