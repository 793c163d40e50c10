import { messageOf, SkepError, type ErrorCode } from '#lib/common';

/** Codes of what may be gone by itself a moment later: the engine is away, a name is still taken, a disk is full. */
const PASSING: readonly ErrorCode[] = ['unavailable', 'timeout', 'conflict', 'exhausted'];

/** Will the same request be refused again, whatever happens meanwhile? A wrong image, command or mount will. */
export function willRepeat(error: unknown): boolean {
  return !SkepError.is(error) || !PASSING.includes(error.code);
}

/** The exit code of a container whose start was refused (Docker's, and the shell's): its command is not there, cannot be run, or neither. */
export function exitCodeOf(error: unknown): number {
  const words = messageOf(error);
  if (/executable file not found|no such file or directory/i.test(words)) return 127;
  return /permission denied|is a directory|not a directory/i.test(words) ? 126 : 128;
}
