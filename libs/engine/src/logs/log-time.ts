const NANO = 1_000_000_000n;
/** Of RFC 3339, which has four digits for a year. */
const LAST_SECOND = 253_402_300_799n;

/** RFC 3339 in UTC with nine digits, as logs have it: texts compare as the moments do. Nanoseconds since the epoch. */
export function timeText(nano: bigint): string {
  const second = nano < 0n ? 0n : nano / NANO;
  if (second > LAST_SECOND) return '9999-12-31T23:59:59.999999999Z';
  const fraction = nano < 0n ? 0n : nano % NANO;
  return `${new Date(Number(second) * 1000).toISOString().slice(0, 19)}.${fraction.toString().padStart(9, '0')}Z`;
}

/** The moment that `timeText` made a text of. */
export function nanoOf(time: string): bigint {
  return BigInt(Date.parse(`${time.slice(0, 19)}Z`)) * 1_000_000n + BigInt(time.slice(20, 29));
}

export const nanoNow = (): bigint => BigInt(Date.now()) * 1_000_000n;

/** Any RFC 3339 text with a time zone in the form of `timeText`; undefined: it is none. */
export function inUtc(text: string): string | undefined {
  const [, local, fraction = '', zone] =
    /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(text) ?? [];
  if (local === undefined) return undefined;
  const digits = fraction.padEnd(9, '0');
  if (zone === 'Z' || zone === '+00:00') return `${local}.${digits}Z`;
  const ms = Date.parse(local + zone);
  return Number.isNaN(ms) ? undefined : `${new Date(ms).toISOString().slice(0, 19)}.${digits}Z`;
}
