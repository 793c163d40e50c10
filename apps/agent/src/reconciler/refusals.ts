import { messageOf, SkepError, type ErrorCode } from '#lib/common';

/**
 * Codes of what is wrong with the container itself. `internal` is an answer of the engine in words that nobody knows:
 * nearly always the runtime refuses a setting. Docker gives up then too, and a task that fails is made anew elsewhere.
 */
const FINAL: readonly ErrorCode[] = ['invalid', 'unauthorized', 'forbidden', 'not_found', 'unsupported', 'internal'];

/**
 * Will the same request be refused again, whatever happens meanwhile? A wrong image, command or mount will. What the
 * engine did not say (a file that cannot be written, a fault of ours) says nothing about the container.
 */
export function willRepeat(error: unknown): boolean {
  return SkepError.is(error) && FINAL.includes(error.code);
}

/** The exit code of a container whose start was refused (Docker's, and the shell's): its command is not there, cannot be run, or neither. */
export function exitCodeOf(error: unknown): number {
  const words = messageOf(error);
  if (/executable file not found|no such file or directory/i.test(words)) return 127;
  return /permission denied|is a directory|not a directory/i.test(words) ? 126 : 128;
}
