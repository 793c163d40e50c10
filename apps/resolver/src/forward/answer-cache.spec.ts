import { afterEach, expect, it, vi } from 'vitest';
import type { Message } from '#lib/discovery';
import { AnswerCache } from './answer-cache.js';

/** Taken together with a key of one letter: 1000 bytes. */
const message = (id: number, length = 699, records = 0): Message => ({
  bytes: new Uint8Array(length),
  id,
  rcode: 0,
  truncated: false,
  questionEnd: 0,
  records: Array.from({ length: records }, () => ({
    section: 'answer',
    start: 0,
    type: 1,
    ttl: 60,
    ttlAt: 0,
    dataAt: 0,
    dataLength: 4,
  })),
});

function make(limits = { entry: 1_000, perOwner: 3_000, total: 5_000 }) {
  let now = 1_000;
  const cache = new AnswerCache(limits, { now: () => now });
  const put = (key: string, owner: string, seconds = 60, what = message(1)) =>
    cache.put(key, cache.share(owner), what, seconds);
  const has = (...keys: string[]) => keys.filter((key) => cache.get(key) !== undefined).join('');
  return { cache, put, has, pass: (ms: number) => (now += ms) };
}

afterEach(() => void vi.useRealTimers());

it('keeps an answer for as long as it may', () => {
  const { cache, put, pass } = make();
  put('a', 'one', 2);
  pass(1_999);
  expect(cache.get('a')).toMatchObject({ message: { id: 1 }, storedAt: 1_000 });
  pass(1);
  expect(cache.get('a')).toBeUndefined();
  expect(cache.size).toBe(0);
});

it('keeps it no longer where the clock is set back', () => {
  vi.useFakeTimers();
  const cache = new AnswerCache();
  cache.put('a', cache.share('one'), message(1), 2);
  vi.setSystemTime(Date.now() - 3_600_000);
  vi.advanceTimersByTime(1_999);
  expect(cache.get('a')).toBeDefined();
  vi.advanceTimersByTime(1);
  expect(cache.get('a')).toBeUndefined();
});

it('keeps nothing that may not be kept, and forgets what it replaces', () => {
  const { put, has } = make();
  put('a', 'one');
  put('a', 'two', 0);
  expect(has('a')).toBe('');
});

it('keeps no answer that is large, be it of bytes or of records', () => {
  const { put, has } = make();
  put('a', 'one', 60, message(1, 700));
  put('b', 'one', 60, message(1, 100, 8));
  put('c', 'one', 60, message(1, 59, 8));
  expect(has('a', 'b', 'c')).toBe('c');
});

it('keeps bytes of its own, and not the buffer that they came in', () => {
  const { cache, put } = make();
  const bytes = new Uint8Array(65_536).subarray(2, 601);
  put('a', 'one', 60, { ...message(1), bytes });
  const kept = cache.get('a')!.message.bytes;
  expect([kept, kept.buffer.byteLength]).toEqual([bytes, 599]);
});

it('an asker with too many pushes out its own that was unused for longest', () => {
  const { put, has } = make();
  put('o', 'two');
  for (const key of ['a', 'b', 'c']) put(key, 'one');
  expect(has('a')).toBe('a');
  put('d', 'one');
  expect(has('o', 'a', 'b', 'c', 'd')).toBe('oacd');
});

it('when all is full, whoever has most makes room, also for one that has nothing yet', () => {
  const { put, has, cache } = make();
  for (const key of ['a', 'b', 'c']) put(key, 'one');
  for (const key of ['d', 'e']) put(key, 'two');
  put('f', 'three');
  expect(has('a', 'b', 'c', 'd', 'e', 'f')).toBe('bcdef');
  expect(cache.size).toBe(5);
});

it('when all is full, what has expired goes first', () => {
  const { put, has, pass, cache } = make();
  for (const key of ['a', 'b', 'c']) put(key, 'one');
  for (const key of ['d', 'e']) put(key, 'two', 1);
  pass(1_000);
  put('f', 'three');
  expect(cache.size).toBe(4);
  expect(has('a', 'b', 'c', 'f')).toBe('abcf');
});

it('keeps nothing for an asker that has gone while it was asked for', () => {
  const { cache, put, has } = make();
  put('a', 'one');
  const before = cache.share('one');
  cache.drop('one');
  cache.put('b', before, message(1), 60);
  expect([cache.size, has('a', 'b')]).toEqual([0, '']);
  put('b', 'one');
  expect(has('b')).toBe('b');
});
