import { invalid } from '#lib/common';

const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};
const PART = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h|d|w)/y;

/** A Compose duration (`1m30s`, `1.5h`, `0`) in milliseconds; undefined when the text is none. */
export function tryParseDuration(text: string): number | undefined {
  const trimmed = text.trim();
  if (/^[+-]?0$/.test(trimmed)) return 0;
  const sign = trimmed.startsWith('-') ? -1 : 1;
  PART.lastIndex = /^[+-]/.test(trimmed) ? 1 : 0;
  if (PART.lastIndex === trimmed.length) return undefined;
  let total = 0;
  while (PART.lastIndex < trimmed.length) {
    const match = PART.exec(trimmed);
    if (!match) return undefined;
    total += Number(match[1]) * UNIT_MS[match[2]!]!;
  }
  return sign * total;
}

/** A Compose duration in milliseconds. Throws `invalid` when the text is no duration. */
export function parseDuration(text: string): number {
  const ms = tryParseDuration(text);
  if (ms === undefined) throw invalid(`"${text}" is not a duration; write for example 90s, 1m30s or 1h`);
  return ms;
}

/** The one way in which Docker Compose prints a duration: `1m30s`, `1h0m0s`, `500ms`, `0s`. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0s';
  const sign = ms < 0 ? '-' : '';
  const rest = Math.abs(ms);
  if (rest < 1e-3) return `${sign}${trimNumber(rest * 1e6)}ns`;
  if (rest < 1) return `${sign}${trimNumber(rest * 1e3)}µs`;
  if (rest < 1000) return `${sign}${trimNumber(rest)}ms`;
  const hours = Math.floor(rest / UNIT_MS.h!);
  const minutes = Math.floor((rest % UNIT_MS.h!) / UNIT_MS.m!);
  const seconds = `${trimNumber((rest % UNIT_MS.m!) / 1000)}s`;
  if (hours > 0) return `${sign}${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${sign}${minutes}m${seconds}` : `${sign}${seconds}`;
}

const trimNumber = (value: number) => String(Number(value.toFixed(9)));
