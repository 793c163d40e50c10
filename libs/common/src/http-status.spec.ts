import { expect, it } from 'vitest';
import type { ErrorCode } from './errors.js';
import { codeOfStatus, statusOfCode } from './http-status.js';

const SAID = ['invalid', 'unauthorized', 'forbidden', 'not_found', 'conflict', 'unsupported', 'unavailable', 'timeout'];

it.each(SAID as ErrorCode[])('a code that has a status of its own is found again by it: %s', (code) => {
  expect(codeOfStatus(statusOfCode(code))).toBe(code);
});

it.each(['exhausted', 'internal'] as const)('a fault is a 500, which says no more: %s', (code) => {
  expect(statusOfCode(code)).toBe(500);
  expect(codeOfStatus(500)).toBeUndefined();
});
