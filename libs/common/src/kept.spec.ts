import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { kept } from './kept.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

it('asks anew only when the answer is older than that', async () => {
  let asked = 0;
  const answer = kept(100, async () => ++asked);
  expect(await Promise.all([answer(), answer()])).toEqual([1, 1]);
  vi.advanceTimersByTime(100);
  expect(await answer()).toBe(1);
  vi.advanceTimersByTime(1);
  expect(await answer()).toBe(2);
});

it('keeps no failure', async () => {
  let asked = 0;
  const answer = kept(100, async () => {
    if (++asked === 1) throw new Error('away');
    return asked;
  });
  await expect(Promise.all([answer(), answer()])).rejects.toThrow('away');
  expect(await answer()).toBe(2);
});
