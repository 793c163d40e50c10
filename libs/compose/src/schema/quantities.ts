import { tryParseBytes } from '../units/bytes.js';
import { formatDuration, tryParseDuration } from '../units/duration.js';
import { refuse, type Check } from './kinds.js';

/** A duration, in the spelling of Docker Compose (`60s` becomes `1m0s`). */
export const duration: Check = (value, at) => {
  const ms = typeof value === 'string' ? tryParseDuration(value) : undefined;
  if (ms === undefined || ms < 0) return refuse(at, value, 'a duration such as 90s, 1m30s or 1h');
  return formatDuration(ms);
};

/** Microseconds, or a duration that becomes them. */
export const microseconds: Check = (value, at) => {
  if (typeof value === 'number') return value;
  if (typeof value === 'string' && /^\d+$/.test(value)) return Number(value);
  const ms = typeof value === 'string' ? tryParseDuration(value) : undefined;
  return ms === undefined ? refuse(at, value, 'a number of microseconds or a duration') : Math.round(ms * 1000);
};

/** A size as a decimal string of bytes, as Docker Compose prints it. */
export const bytes: Check = (value, at) => {
  if (typeof value === 'number' && !Number.isInteger(value)) return refuse(at, value, 'a integer');
  if (typeof value === 'number' && value < 0) return refuse(at, value, 'greater than or equal to 0');
  const size = typeof value === 'number' || typeof value === 'string' ? tryParseBytes(value) : undefined;
  return size === undefined ? refuse(at, value, 'a size such as 1048576, 512m or 1.5g') : String(size);
};

/** A size, or -1 for no limit. */
export const bytesOrUnlimited: Check = (value, at) => (String(value) === '-1' ? '-1' : bytes(value, at));

/** Permission bits: YAML has read `0440` as octal already, a string holds octal digits. The result is `"0440"`. */
export const fileMode: Check = (value, at) => {
  const mode =
    typeof value === 'string' && /^(0o?)?[0-7]{1,4}$/.test(value) ? Number.parseInt(value.replace('0o', ''), 8) : value;
  if (typeof mode !== 'number' || !Number.isInteger(mode) || mode < 0 || mode > 0o7777) {
    return refuse(at, value, 'permission bits in octal such as 0440');
  }
  return mode.toString(8).padStart(4, '0');
};
