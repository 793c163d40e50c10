import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { conflict, unavailable } from '#lib/common';
import type { Plan, Step } from '#lib/planner';
import { ReconcilerBus } from './events.js';
import { follow, type WatchOptions } from './watch.js';

const step = { kind: 'rules.apply', id: 'rules.apply node', key: 'rules node', after: [] } as Step;
const planOf = (...steps: Step[]): Plan => ({ steps, waiting: [] });
const DAY = 24 * 60 * 60 * 1000;

describe('who follows a change', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  async function begin(options: Partial<WatchOptions> = {}) {
    const bus = new ReconcilerBus();
    const poke = vi.fn();
    const facts = { over: false, error: undefined as unknown, changed: false };
    void follow({ bus, poke }, { concerns: () => true, ...options }, async () => {
      facts.changed = true;
      bus.planned(planOf(), []);
      return 7;
    })
      .catch((error: unknown) => (facts.error = error))
      .finally(() => (facts.over = true));
    await vi.advanceTimersByTimeAsync(0);
    return { bus, facts, poke };
  }
  const turn = () => vi.advanceTimersByTimeAsync(0);

  it('waits until neither the plan nor what is under way has a step for it', async () => {
    const { bus, facts, poke } = await begin();
    expect([facts.over, poke.mock.calls.length]).toEqual([false, 1]);
    bus.planned(planOf(step), []);
    bus.planned(planOf(), [step]);
    await turn();
    expect(facts.over).toBe(false);
    bus.planned(planOf(), []);
    await turn();
    expect(facts).toMatchObject({ over: true, error: undefined });
  });

  it('hears of a failure, but not of one that passes', async () => {
    const { bus, facts } = await begin();
    bus.failed(step, unavailable('not now'));
    await turn();
    expect(facts.over).toBe(false);
    bus.failed(step, conflict('no'));
    await turn();
    expect(facts.error).toEqual(conflict('no'));
  });

  it('is let go when it goes away, and when it has gone already', async () => {
    const gone = new AbortController();
    const { facts } = await begin({ signal: gone.signal });
    expect(facts.over).toBe(false);
    gone.abort();
    await turn();
    expect(facts).toMatchObject({ over: true, error: undefined });
    const late = await begin({ signal: gone.signal });
    expect(late.facts).toEqual({ over: true, error: undefined, changed: true });
  });

  it('waits as long as it said, also for weeks', async () => {
    const { facts } = await begin({ timeoutMs: 30 * DAY });
    await vi.advanceTimersByTimeAsync(30 * DAY - 1);
    expect(facts.over).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(facts.error).toMatchObject({ code: 'timeout' });
    expect(vi.getTimerCount()).toBe(0);
  });
});
