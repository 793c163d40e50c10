import { describe, expect, it } from 'vitest';
import { SkepError, type ErrorCode } from '#lib/common';
import { willRepeat } from './refusals.js';

describe('willRepeat', () => {
  it.each<[ErrorCode, boolean]>([
    ['unavailable', false],
    ['timeout', false],
    ['conflict', false],
    ['exhausted', false],
    ['invalid', true],
    ['not_found', true],
    ['unsupported', true],
    ['forbidden', true],
    ['internal', true],
  ])('%s: %s', (code, expected) => {
    expect(willRepeat(new SkepError(code, 'no'))).toBe(expected);
  });

  it('of what is no SkepError: a fault of ours stays one', () => {
    expect(willRepeat(new TypeError('no'))).toBe(true);
  });
});
