import { describe, expect, it } from 'vitest';
import { refusal } from '../testing/memory.js';
import { parseBytes } from './bytes.js';
import { formatDuration, parseDuration } from './duration.js';

describe('durations', () => {
  it.each([
    ['90s', 90_000, '1m30s'],
    ['1h', 3_600_000, '1h0m0s'],
    ['1.5s', 1500, '1.5s'],
    ['250ms', 250, '250ms'],
    ['10us', 0.01, '10µs'],
    ['2d', 172_800_000, '48h0m0s'],
    ['0', 0, '0s'],
    ['-1m', -60_000, '-1m0s'],
  ])('%s', (text, ms, canonical) => {
    expect(parseDuration(text)).toBeCloseTo(ms, 9);
    expect(formatDuration(ms)).toBe(canonical);
    expect(parseDuration(canonical)).toBeCloseTo(ms, 9);
  });

  it.each(['', '5', 's', '1x', '1s 2', '-'])('refuses "%s"', async (text) => {
    expect((await refusal(() => parseDuration(text)))[0]).toContain('is not a duration');
  });
});

describe('sizes', () => {
  it.each([
    ['64', 64],
    ['2kb', 2048],
    ['1.5 GiB', 1_610_612_736],
    ['512M', 536_870_912],
    [7, 7],
    ['-1', -1],
  ])('%s', (text, bytes) => expect(parseBytes(text)).toBe(bytes));

  it.each(['', 'm', '1x', '-5', '1 2'])('refuses "%s"', async (text) => {
    expect((await refusal(() => parseBytes(text)))[0]).toContain('is not a size');
  });
});
