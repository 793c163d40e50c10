import { beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '#lib/common';
import { stepId, type Plan, type Step } from '#lib/planner';
import { ReconcilerBus } from './events.js';
import { Executor, type Perform } from './executor.js';
import { Gate } from './gate.js';

const of = (kind: 'container.create' | 'container.start' | 'container.stop' | 'dns.attach', id: string) =>
  ({ kind, container: { id }, id: stepId(kind, id), key: `${kind.split('.')[0]} ${id}`, after: [] }) as unknown as Step;
const planOf = (...steps: Step[]): Plan => ({ steps, waiting: [] });
const creates = (count: number) => Array.from({ length: count }, (_, index) => of('container.create', `c${index}`));
/** Lets all go on that may. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

let now: number;
let begun: string[];
let under: Map<string, { end: () => void; fail: (error: Error) => void }>;
let settled: number;
let bus: ReconcilerBus;
let executor: Executor;

beforeEach(() => {
  now = 1_000;
  begun = [];
  under = new Map();
  settled = 0;
  bus = new ReconcilerBus();
  const clock: Clock = { now: () => now, sleep: turn as Clock['sleep'] };
  const perform = ({ id }: Step) => {
    begun.push(id);
    return new Promise<void>((end, fail) => under.set(id, { end, fail }));
  };
  executor = new Executor(perform, bus, clock, () => void settled++, new Gate(2));
});

async function end(...ids: string[]): Promise<void> {
  for (const id of ids) under.get(id)!.end();
  await turn();
}

describe('the executor', () => {
  it('begins what has a place and nothing that comes first, never two of one key', () => {
    const start = { ...of('container.start', 'c0'), after: ['container.create c0'] };
    executor.offer(planOf(...creates(3), start, of('dns.attach', 'c0'), of('container.stop', 'c0')));
    expect(begun).toEqual(['container.create c0', 'container.create c1', 'dns.attach c0']);
    expect(executor.busy.map(({ id }) => id)).toEqual(begun);
  });

  it('gives a free place to what is due at once, starts first, and asks for a comparison', async () => {
    executor.offer(planOf(...creates(4), of('container.start', 'c8')));
    expect(begun).toEqual(['container.start c8', 'container.create c0']);
    executor.offer(planOf(...creates(4), of('container.start', 'c9')));
    await end('container.start c8');
    expect([begun.at(-1), settled]).toEqual(['container.start c9', 1]);
    await end('container.create c0');
    expect([begun.at(-1), settled]).toEqual(['container.create c1', 2]);
  });

  it('begins nothing that the next plan does not need any more', async () => {
    executor.offer(planOf(...creates(50)));
    executor.offer(planOf(of('container.stop', 'c0')));
    await end('container.create c0', 'container.create c1');
    expect(begun).toEqual(['container.create c0', 'container.create c1']);
    executor.offer(planOf(of('container.stop', 'c0')));
    expect(begun.at(-1)).toBe('container.stop c0');
  });

  it('begins nothing for a container of which something else is wanted meanwhile', async () => {
    executor.offer(planOf(...creates(4)));
    executor.changed(new Set(['c2']));
    await end('container.create c0');
    expect(begun).toEqual(['container.create c0', 'container.create c1', 'container.create c3']);
  });

  it('has its place taken by others while it does something outside, whether that works or not', async () => {
    const outside = new Map<string, { end: () => void; fail: (error: Error) => void }>();
    const clock: Clock = { now: () => now, sleep: turn as Clock['sleep'] };
    const perform: Perform = async ({ id }, leaving) => {
      begun.push(id);
      await leaving(() => new Promise<void>((end, fail) => outside.set(id, { end, fail })));
      begun.push(`${id} again`);
      await new Promise<void>((end, fail) => under.set(id, { end, fail }));
    };
    executor = new Executor(perform, bus, clock, () => void settled++, new Gate(1));
    executor.offer(planOf(...creates(3)));
    expect(begun).toEqual(['container.create c0', 'container.create c1', 'container.create c2']);
    outside.get('container.create c0')!.end();
    await turn();
    outside.get('container.create c1')!.end();
    outside.get('container.create c2')!.fail(new Error('no'));
    await turn();
    expect([begun.slice(3), executor.busy.length]).toEqual([['container.create c0 again'], 3]);
    await end('container.create c0');
    expect([begun.at(-1), executor.busy.length]).toEqual(['container.create c1 again', 2]);
    await end('container.create c1');
    expect([begun.length, executor.busy.length]).toEqual([5, 0]);
  });

  it('stops when what is under way has ended, and begins nothing more', async () => {
    executor.offer(planOf(...creates(50)));
    let over = false;
    void executor.stop().then(() => (over = true));
    await end('container.create c0');
    expect(over).toBe(false);
    await end('container.create c1');
    await turn();
    expect([over, begun.length]).toEqual([true, 2]);
    expect([executor.offer(planOf(...creates(50))), begun.length]).toEqual([undefined, 2]);
  });

  it('tries what failed again after a growing pause, and forgets failures of what is not planned any more', async () => {
    const plan = planOf(of('container.create', 'c0'));
    executor.offer(plan);
    for (const pause of [200, 400, 800]) {
      under.get('container.create c0')!.fail(new Error('no'));
      await turn();
      const retryAt = executor.offer(plan);
      expect(retryAt).toBe(now + pause);
      expect(executor.busy).toEqual([]);
      now = retryAt!;
      expect(executor.offer(plan)).toBeUndefined();
    }
    under.get('container.create c0')!.fail(new Error('no'));
    await turn();
    executor.offer(planOf());
    executor.offer(plan);
    expect(begun).toHaveLength(5);
  });

  it('leaves a place once, also where a listener fails', async () => {
    bus.subscribe({
      done: () => {
        throw new Error('a fault of a listener');
      },
    });
    executor.offer(planOf(...creates(2)));
    await end('container.create c0');
    executor.offer(planOf(...creates(6).slice(1)));
    expect(begun).toEqual(['container.create c0', 'container.create c1', 'container.create c2']);
  });
});
