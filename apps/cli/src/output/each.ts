import type { Context } from '../context.js';
import { reportError } from './errors.js';

/** Acts on one name after another, also after an error; with one the exit code is 1. Gives what was found. */
export async function forEach<T>(
  names: readonly string[],
  context: Context,
  act: (name: string) => Promise<T>,
): Promise<T[]> {
  const results: T[] = [];
  for (const name of names) {
    try {
      results.push(await act(name));
    } catch (error) {
      reportError(error, context.system);
      context.exit(1);
    }
  }
  return results;
}
