import { expect, it } from 'vitest';
import { signalNumber } from './signals.js';

it.each([
  ['SIGTERM', 15],
  ['term', 15],
  ['15', 15],
  ['sigkill', 9],
  ['RTMIN', 34],
  ['SIGRTMIN+3', 37],
  ['SIGRTMAX-1', 63],
  ['0', undefined],
  ['65', undefined],
  ['NOPE', undefined],
  ['', undefined],
])('signal %j is %s', (text, number) => {
  expect(signalNumber(text)).toBe(number);
});
