import { expect, it } from 'vitest';
import type { Message } from '#lib/discovery';
import { AnswerCache } from './answer-cache.js';

const message = (id: number): Message => ({
  bytes: new Uint8Array(),
  id,
  rcode: 0,
  truncated: false,
  questionEnd: 0,
  records: [],
});

function make(limits = { perOwner: 3, total: 5 }) {
  let now = 1_000;
  const cache = new AnswerCache(limits, { now: () => now });
  return { cache, pass: (ms: number) => (now += ms), has: (key: string) => cache.get(key) !== undefined };
}

it('keeps an answer for as long as it may', () => {
  const { cache, pass } = make();
  cache.put('a', 'one', message(1), 2);
  pass(1_999);
  expect(cache.get('a')).toMatchObject({ message: { id: 1 }, storedAt: 1_000 });
  pass(1);
  expect(cache.get('a')).toBeUndefined();
  expect(cache.size).toBe(0);
});

it('keeps nothing that may not be kept, and forgets what it replaces', () => {
  const { cache, has } = make();
  cache.put('a', 'one', message(1), 60);
  cache.put('a', 'two', message(2), 0);
  expect(has('a')).toBe(false);
});

it('an asker with too many pushes out its own that was unused for longest', () => {
  const { cache, has } = make();
  cache.put('other', 'two', message(0), 60);
  for (const key of ['a', 'b', 'c']) cache.put(key, 'one', message(1), 60);
  expect(has('a')).toBe(true);
  cache.put('d', 'one', message(1), 60);
  expect(['other', 'a', 'b', 'c', 'd'].map(has)).toEqual([true, true, false, true, true]);
});

it('when all is full, others keep theirs', () => {
  const { cache, has } = make();
  for (const key of ['a', 'b', 'c']) cache.put(key, 'one', message(1), 60);
  for (const key of ['d', 'e']) cache.put(key, 'two', message(1), 60);
  cache.put('f', 'two', message(1), 60);
  cache.put('g', 'three', message(1), 60);
  expect(['a', 'b', 'c', 'd', 'e', 'f', 'g'].map(has)).toEqual([true, true, true, false, true, true, false]);
  cache.drop('one');
  cache.put('g', 'three', message(1), 60);
  expect([cache.size, has('g'), has('a')]).toEqual([3, true, false]);
});
