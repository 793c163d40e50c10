import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { conflict, unavailable } from '#lib/common';
import type { Plan, Step } from '#lib/planner';
import { ReconcilerBus } from './events.js';
import { follow, PATIENCE, type WatchOptions } from './watch.js';

const step = { kind: 'rules.apply', id: 'rules.apply node', key: 'rules node', after: [] } as Step;
const networkStep = {
  kind: 'network.ensure',
  id: 'network.ensure lan',
  key: 'network lan',
  after: [] as string[],
} as Step;
const sandboxStep = { kind: 'sandbox.ensure', id: 'sandbox.ensure c', after: [networkStep.id, step.id] } as Step;
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

  it('hears of no failure of what was begun before something was to go', async () => {
    const { bus, facts } = await begin({ leaving: true });
    bus.failed(step, conflict('begun before'));
    await turn();
    expect(facts.over).toBe(false);
    bus.started(step);
    bus.failed(step, conflict('begun since'));
    await turn();
    expect(facts.error).toEqual(conflict('begun since'));
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

  describe('whose steps wait for a network', () => {
    const held = (facts: { problem?: string }) => ({
      concerns: ({ kind }: Pick<Step, 'kind'>) => kind.startsWith('sandbox.'),
      heldUp: (ids: readonly string[]) => (ids.includes(networkStep.id) ? facts.problem : undefined),
    });

    it('hears why the network cannot be made, but not of other steps', async () => {
      const { bus, facts } = await begin(held({}));
      bus.planned(planOf(networkStep, sandboxStep, step), []);
      bus.failed(step, conflict('no rules'));
      bus.failed(networkStep, unavailable('not now'));
      await turn();
      expect(facts.over).toBe(false);
      bus.failed(networkStep, conflict('no'));
      await turn();
      expect(facts.error).toEqual(conflict('no'));
    });

    it('hears of what may pass when it has lasted for long enough, and not before', async () => {
      const problem: { problem?: string } = { problem: 'eth0 is gone' };
      const { bus, facts } = await begin(held(problem));
      const compare = (text?: string) => {
        problem.problem = text;
        bus.planned(planOf(networkStep, sandboxStep), []);
      };
      compare('eth0 is gone');
      await vi.advanceTimersByTimeAsync(PATIENCE - 1);
      compare();
      await vi.advanceTimersByTimeAsync(PATIENCE);
      compare('eth0 is gone again');
      await vi.advanceTimersByTimeAsync(PATIENCE - 1);
      compare('eth0 is still gone');
      expect(facts.over).toBe(false);
      await vi.advanceTimersByTimeAsync(1);
      expect(facts.error).toEqual(unavailable('eth0 is still gone'));
      expect(vi.getTimerCount()).toBe(0);
    });

    it('does not mind the network where nothing that is waited for needs it any more', async () => {
      const other = { ...sandboxStep, id: 'sandbox.remove c', after: [] } as Step;
      const { bus, facts } = await begin(held({ problem: 'eth0 is gone' }));
      bus.planned(planOf(networkStep, other), []);
      bus.failed(networkStep, conflict('no'));
      await vi.advanceTimersByTimeAsync(PATIENCE);
      expect(facts.over).toBe(false);
    });

    it('waits without end where nobody asks to be told', async () => {
      const { bus, facts } = await begin({ concerns: held({}).concerns });
      bus.planned(planOf(networkStep, sandboxStep), []);
      bus.failed(networkStep, conflict('no'));
      await vi.advanceTimersByTimeAsync(DAY);
      expect(facts.over).toBe(false);
    });
  });
});
