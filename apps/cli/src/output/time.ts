import { invalid } from '#lib/common';

const UNITS: readonly (readonly [seconds: number, name: string])[] = [
  [365 * 86_400, 'year'],
  [30 * 86_400, 'month'],
  [7 * 86_400, 'week'],
  [86_400, 'day'],
  [3_600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
];

/** `5 minutes ago` */
export function ago(iso: string, now: number): string {
  const seconds = Math.floor((now - Date.parse(iso)) / 1000);
  if (!(seconds >= 1)) return 'Less than a second ago';
  const [size, name] = UNITS.find(([unit]) => seconds >= unit) ?? [1, 'second'];
  const count = Math.floor(seconds / size);
  return `${count} ${name}${count === 1 ? '' : 's'} ago`;
}

const SPAN_SECONDS: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 0.001 };

/** A time → seconds since the epoch: RFC 3339, a date, seconds since the epoch, or how long ago (`1h30m`). */
export function parseSince(text: string, now: number): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  if (/^(\d+(\.\d+)?(h|ms|m|s))+$/.test(text)) {
    const spans = [...text.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s)/g)];
    return (
      now / 1000 - spans.reduce((sum, [, count, unit]) => sum + Number(count) * (SPAN_SECONDS[unit ?? ''] ?? 0), 0)
    );
  }
  const time = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) {
    throw invalid(
      `--since ${text}: write a time (2026-01-02T13:23:37Z), seconds since 1970, or how long ago (42m, 1h30m)`,
    );
  }
  return time / 1000;
}

/** How many lines from the end; undefined: all. */
export function parseTail(text: string): number | undefined {
  if (text === 'all') return undefined;
  if (!/^\d+$/.test(text)) throw invalid(`--tail ${text}: must be a number of lines, or all`);
  return Number(text);
}
