import { describe, expect, it } from 'vitest';
import { Turns, type Rotating } from './rotation.js';

let versions = 0;
const set = (orders: number[], cursor = 1): Rotating => ({
  cursor,
  version: ++versions,
  count: orders.length,
  order: (index) => orders[index]!,
});

const firsts = (turns: Turns, rotating: Rotating, questions: number): number[] =>
  Array.from({ length: questions }, () => rotating.order(turns.next(rotating)));

const counts = (values: number[]): Record<number, number> =>
  values.reduce<Record<number, number>>((sum, value) => ({ ...sum, [value]: (sum[value] ?? 0) + 1 }), {});

describe('Turns', () => {
  it.each([1, 2, 3, 5, 7, 64])('over %i × 100 questions each is first exactly 100 times', (count) => {
    const orders = Array.from({ length: count }, (_, i) => i * 10);
    const counted = counts(firsts(new Turns(), set(orders), count * 100));
    expect(counted).toEqual(Object.fromEntries(orders.map((order) => [order, 100])));
  });

  it('counts for each asker and each name by itself', () => {
    const [one, other] = [new Turns(), new Turns()];
    const [web, db] = [set([1, 2, 3], 1), set([1, 2, 3], 2)];
    expect(firsts(one, web, 2)).toEqual([1, 2]);
    expect(firsts(other, web, 2)).toEqual([1, 2]);
    expect(firsts(one, db, 1)).toEqual([1]);
    expect(firsts(one, web, 1)).toEqual([3]);
  });

  it.each([
    ['another joins before', [10, 20, 30], 2, [5, 10, 20, 30], 30],
    ['another joins at the turn', [10, 20, 30], 2, [10, 20, 25, 30], 30],
    ['the one whose turn it is leaves', [10, 20, 30], 1, [10, 30], 30],
    ['the last leaves on its turn', [10, 20, 30], 2, [10, 20], 10],
    ['an earlier one leaves', [10, 20, 30], 2, [20, 30], 30],
    ['all are replaced', [10, 20, 30], 1, [15, 25], 25],
    ['the set is the same under a new version', [10, 20, 30], 2, [10, 20, 30], 30],
  ])('%s', (_what, before, questions, after, next) => {
    const turns = new Turns();
    firsts(turns, set(before), questions);
    expect(firsts(turns, set(after), 1)).toEqual([next]);
  });

  it('stays exact over the questions that follow a change', () => {
    const turns = new Turns();
    firsts(turns, set([10, 20, 30]), 2);
    expect(counts(firsts(turns, set([10, 20, 30, 40]), 400))).toEqual({ 10: 100, 20: 100, 30: 100, 40: 100 });
  });

  it('goes on where it was after the set was down to one', () => {
    const turns = new Turns();
    firsts(turns, set([10, 20, 30]), 1);
    expect(firsts(turns, set([10]), 3)).toEqual([10, 10, 10]);
    expect(firsts(turns, set([10, 20, 30]), 3)).toEqual([20, 30, 10]);
  });
});
