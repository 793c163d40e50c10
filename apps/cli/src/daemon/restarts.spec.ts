import { expect, it } from 'vitest';
import { Restarts } from './restarts.js';

it('restarts at once, then ever later up to 10 s, and forgets after a life of 10 s', () => {
  const restarts = new Restarts();
  const delays = Array.from({ length: 10 }, () => restarts.delayAfter(50));
  expect(delays).toEqual([0, 100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
  expect(restarts.delayAfter(10_000)).toBe(0);
  expect(restarts.delayAfter(9_999)).toBe(100);
});
