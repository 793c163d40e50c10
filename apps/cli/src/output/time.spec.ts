import { describe, expect, it } from 'vitest';
import { ago, parseSince } from './time.js';

const NOW = Date.parse('2026-01-02T12:00:00Z');

it.each([
  ['2026-01-02T12:00:00Z', 'Less than a second ago'],
  ['2026-01-02T11:59:59Z', '1 second ago'],
  ['2026-01-02T11:59:00Z', 'About a minute ago'],
  ['2026-01-02T11:00:01Z', '59 minutes ago'],
  ['2026-01-02T09:59:00Z', '2 hours ago'],
  ['2025-12-31T12:00:00Z', '2 days ago'],
  ['2024-01-01T12:00:00Z', '2 years ago'],
  ['2026-01-02T12:00:05Z', 'Less than a second ago'],
])('%s was %s', (iso, text) => expect(ago(iso, NOW)).toBe(text));

describe('parseSince', () => {
  it.each([
    ['1767355200', 1767355200],
    ['1767355200.5', 1767355200.5],
    ['42m', NOW / 1000 - 2520],
    ['1h30m', NOW / 1000 - 5400],
    ['1.5h', NOW / 1000 - 5400],
    ['500ms', NOW / 1000 - 0.5],
    ['2026-01-02T11:00:00Z', NOW / 1000 - 3600],
    ['2026-01-02', NOW / 1000 - 43_200],
  ])('reads %s', (text, seconds) => expect(parseSince(text, NOW)).toBe(seconds));

  it.each(['yesterday', '', '5x', '2026-13-01'])('refuses "%s"', (text) =>
    expect(() => parseSince(text, NOW)).toThrow(/--since .*: write a time/),
  );
});
