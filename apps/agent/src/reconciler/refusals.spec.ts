import { describe, expect, it } from 'vitest';
import { SkepError, type ErrorCode } from '#lib/common';
import { exitCodeOf, willRepeat } from './refusals.js';

describe('willRepeat', () => {
  it.each<[ErrorCode, boolean]>([
    ['unavailable', false],
    ['timeout', false],
    ['conflict', false],
    ['exhausted', false],
    ['invalid', true],
    ['unauthorized', true],
    ['not_found', true],
    ['unsupported', true],
    ['forbidden', true],
    ['internal', true],
  ])('%s: %s', (code, expected) => {
    expect(willRepeat(new SkepError(code, 'no'))).toBe(expected);
  });

  it.each([
    new TypeError('x is not a function'),
    Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' }),
    Object.assign(new Error('EIO: i/o error, open'), { code: 'EIO' }),
    'no',
  ])('not what the engine did not say: %s', (error) => {
    expect(willRepeat(error)).toBe(false);
  });
});

describe('exitCodeOf', () => {
  it.each([
    ['exec: "x": executable file not found in $PATH: unknown', 127],
    ['exec: "./x": stat ./x: no such file or directory: unknown', 127],
    ['exec: "/etc": permission denied: unknown', 126],
    ['no cgroup mount found in mountinfo', 128],
  ])('%s: %i', (words, expected) => {
    expect(exitCodeOf(new SkepError('invalid', words))).toBe(expected);
  });
});
