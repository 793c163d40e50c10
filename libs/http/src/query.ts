import { invalid } from '#lib/common';

/** Docker's booleans in queries: absent, empty, `0`, `no`, `false` and `none` are false in any case; all else is true. */
export function flag(value: string | undefined): boolean {
  return value !== undefined && !['', '0', 'no', 'false', 'none'].includes(value.trim().toLowerCase());
}

/** A whole number; undefined when it is absent or empty. */
export function integer(name: string, value: string | undefined): number | undefined {
  if (value === undefined || value === '') return undefined;
  if (/^-?\d{1,15}$/.test(value)) return Number(value);
  throw invalid(`invalid value ${JSON.stringify(value)} for ${name}: a whole number is expected`);
}
