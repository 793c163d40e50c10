import { invalid, lengthText } from '#lib/common';

/** `5 minutes ago` */
export function ago(iso: string, now: number): string {
  return `${lengthText(now - Date.parse(iso))} ago`;
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
