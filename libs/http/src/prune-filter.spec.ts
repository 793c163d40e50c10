import { describe, expect, it } from 'vitest';
import { Filters } from './filters.js';
import { prunable, PRUNE_FILTERS } from './prune-filter.js';

const NOW = Date.parse('2026-01-02T00:00:00Z');
const one = { labels: { tier: 'back', keep: '' }, createdAt: '2026-01-01T00:00:00Z' };

describe('what a prune takes', () => {
  const filter = (given: object) => prunable(Filters.parse(JSON.stringify(given), PRUNE_FILTERS), NOW);

  it.each([
    [{}, true],
    [{ label: ['tier=back', 'keep'] }, true],
    [{ label: ['tier=back', 'other'] }, false],
    [{ 'label!': ['tier=front', 'other'] }, true],
    [{ 'label!': ['other', 'keep'] }, false],
    [{ until: ['23h'] }, true],
    [{ until: ['25h'] }, false],
    [{ until: ['2026-01-01T00:00:00Z'] }, false],
    [{ until: ['2026-01-01T00:00:01Z'], label: ['keep'] }, true],
  ])('%j: %s', (given, expected) => {
    expect(filter(given)(one)).toBe(expected);
  });

  it('refuses two moments, and other names', () => {
    expect(() => filter({ until: ['1h', '2h'] })).toThrow('more than one until filter specified');
    expect(() => filter({ name: ['x'] })).toThrow("invalid filter 'name'");
  });
});
