import { invalid } from '#lib/common';

const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};
const DURATION = /^([+-]?)((?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+)$/;
const EPOCH = /^(-?)(\d{1,12})(?:\.(\d{1,9})\d*)?$/;

/**
 * A moment as Docker's clients write it, in nanoseconds since the epoch: seconds since the epoch with or without a
 * fraction, RFC 3339 (a date alone, and a time without a zone, too; both in UTC), or how long ago as a Go duration (`90m`).
 */
export function instantOf(name: string, text: string, nowMs: number): bigint {
  const [, minus, seconds, fraction = ''] = EPOCH.exec(text) ?? [];
  if (seconds !== undefined) {
    const value = BigInt(seconds) * UNITS['s']! + BigInt(fraction.padEnd(9, '0'));
    return minus ? -value : value;
  }
  const [, sign, parts] = DURATION.exec(text) ?? [];
  if (parts !== undefined) {
    const ago = durationOf(parts);
    return BigInt(nowMs) * UNITS['ms']! - (sign === '-' ? -ago : ago);
  }
  const zoned = /T.*(Z|[+-]\d\d:\d\d)$/i.test(text) || !text.includes('T') ? text : `${text}Z`;
  // A Date knows milliseconds only.
  const [, digits = ''] = /:\d\d\.(\d{1,9})/.exec(zoned) ?? [];
  const whole = digits === '' ? zoned : zoned.replace(`.${digits}`, '');
  const ms = /^\d{4}-\d\d-\d\d(T|$)/.test(text) ? Date.parse(whole) : Number.NaN;
  if (Number.isNaN(ms)) {
    throw invalid(
      `failed to parse value of ${name} as time or duration: ${JSON.stringify(text.slice(0, 100))}: expected seconds since the epoch, RFC 3339, or a duration such as 10m`,
    );
  }
  return BigInt(ms) * UNITS['ms']! + BigInt(digits.padEnd(9, '0'));
}

/** The same where the moment may be left out: absent, empty and `0` are none. */
export function momentOf(name: string, text: string | null | undefined, nowMs = Date.now()): bigint | undefined {
  return text === undefined || text === null || text === '' || text === '0' ? undefined : instantOf(name, text, nowMs);
}

function durationOf(parts: string): bigint {
  let sum = 0n;
  for (const [, whole = '0', fraction = '', unit = 's'] of parts.matchAll(/(\d+)(?:\.(\d+))?(ns|us|µs|ms|s|m|h)/g)) {
    const size = UNITS[unit]!;
    sum += BigInt(whole) * size + (fraction ? (BigInt(fraction) * size) / 10n ** BigInt(fraction.length) : 0n);
  }
  return sum;
}
