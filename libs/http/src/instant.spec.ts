import { describe, expect, it } from 'vitest';
import { instantOf } from './instant.js';

/** 2024-01-02T03:04:05Z */
const NOW = 1_704_164_645_000;

describe('instantOf', () => {
  it.each([
    ['1704164645', 1_704_164_645_000_000_000n],
    ['1704164645.000000001', 1_704_164_645_000_000_001n],
    ['1704164645.5', 1_704_164_645_500_000_000n],
    ['2024-01-02T03:04:05Z', 1_704_164_645_000_000_000n],
    ['2024-01-02T03:04:05', 1_704_164_645_000_000_000n],
    ['2024-01-02T03:04:05.25+01:00', 1_704_161_045_250_000_000n],
    ['2024-01-02T03:04:05.000000007Z', 1_704_164_645_000_000_007n],
    ['2024-01-02', 1_704_153_600_000_000_000n],
    ['1h30m', 1_704_159_245_000_000_000n],
    ['0.5s', 1_704_164_644_500_000_000n],
    ['-10s', 1_704_164_655_000_000_000n],
  ])('%s', (text, nanoseconds) => {
    expect(instantOf('since', text, NOW)).toBe(nanoseconds);
  });

  it.each(['', 'abc', '1704164645,5', '2024-13-02', '10x', 'T'])('refuses %j and says what it takes', (text) => {
    expect(() => instantOf('since', text, NOW)).toThrow(
      `failed to parse value of since as time or duration: ${JSON.stringify(text)}`,
    );
  });
});
