import { SkepError, type ErrorCode } from '#lib/common';

/** Codes of what may be gone by itself a moment later: the engine is away, a name is still taken, a disk is full. */
const PASSING: readonly ErrorCode[] = ['unavailable', 'timeout', 'conflict', 'exhausted'];

/** Will the same request be refused again, whatever happens meanwhile? A wrong image, command or mount will. */
export function willRepeat(error: unknown): boolean {
  return !SkepError.is(error) || !PASSING.includes(error.code);
}
