import { expect, it } from 'vitest';
import { Heap } from './heap.js';

it('gives the least first, whatever comes and goes', () => {
  const heap = new Heap([5, 3, 9, 1, 1], (a, b) => a < b);
  expect([heap.pop(), heap.pop()]).toEqual([1, 1]);
  heap.push(4);
  heap.push(0);
  expect([...heap.items()].sort()).toEqual([0, 3, 4, 5, 9]);
  expect(Array.from({ length: 6 }, () => heap.pop())).toEqual([0, 3, 4, 5, 9, undefined]);
});
