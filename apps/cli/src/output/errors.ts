import { invalid, messageOf, SkepError } from '#lib/common';
import type { System } from '../system.js';

/** One line for people. A fault of ours shows where it happened; `SKEP_TRACE=1` shows that for every error. */
export function reportError(error: unknown, system: Pick<System, 'stderr' | 'env'>): void {
  const ours = SkepError.is(error);
  system.stderr.write(`skep: ${messageOf(error).trimEnd()}\n`);
  if ((!ours || system.env.SKEP_TRACE) && error instanceof Error && error.stack) {
    system.stderr.write(`${error.stack.split('\n').slice(1).join('\n')}\n`);
  }
}

/** A file that the user named. */
export function unwritable(path: string, error: unknown): SkepError {
  return invalid(
    `${path}: cannot be written: ${messageOf(error)}; name a file that you may write, in a folder that is there`,
    error,
  );
}
