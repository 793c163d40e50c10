import { invalid } from '#lib/common';

const SIZE = /^(\d+(?:\.\d+)?) ?([kmgtp])?(?:i?b)?$/i;
const POWERS = ['', 'k', 'm', 'g', 't', 'p'];

/** A size (`512m`, `1.5gb`, `2GiB`, 1024; binary units all) in bytes; undefined when the text is none. `-1` means without limit. */
export function tryParseBytes(value: string | number): number | undefined {
  if (typeof value === 'number') return Number.isInteger(value) && value >= -1 ? value : undefined;
  if (value.trim() === '-1') return -1;
  const match = SIZE.exec(value.trim());
  if (!match) return undefined;
  return Math.floor(Number(match[1]) * 1024 ** POWERS.indexOf((match[2] ?? '').toLowerCase()));
}

/** A size in bytes. Throws `invalid` when the text is no size. */
export function parseBytes(value: string | number): number {
  const bytes = tryParseBytes(value);
  if (bytes === undefined) throw invalid(`"${value}" is not a size; write for example 1048576, 512m or 1.5g`);
  return bytes;
}
