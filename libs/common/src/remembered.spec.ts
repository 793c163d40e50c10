import { expect, it } from 'vitest';
import { remembered } from './remembered.js';

it('computes a value once, and again after more than the limit', () => {
  const computed: string[] = [];
  const upper = remembered(2, (text) => {
    computed.push(text);
    return text.toUpperCase();
  });
  expect(['a', 'b', 'a', 'b'].map(upper)).toEqual(['A', 'B', 'A', 'B']);
  expect(computed).toEqual(['a', 'b']);
  expect(['c', 'a', 'c'].map(upper)).toEqual(['C', 'A', 'C']);
  expect(computed).toEqual(['a', 'b', 'c', 'a']);
});
