import { conflict, type SkepError } from '#lib/common';
import { statusOf, toSkepError, wordsOf } from './errors.js';

/**
 * A request to the engine, whose refusal becomes a SkepError that says what was tried.
 *
 * @param missing what is said when the engine does not know what was asked for
 * @param fine statuses that say that there was nothing left to do
 */
export async function attempt<T>(
  doing: string,
  missing: string | undefined,
  call: () => Promise<T>,
  fine: readonly number[] = [],
): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (fine.includes(statusOf(error) ?? 0)) return undefined as T;
    throw toSkepError(error, doing, missing);
  }
}

/** As `attempt`, with a container by its engine id. */
export function ofContainer<T>(
  verb: string,
  engineId: string,
  call: () => Promise<T>,
  fine?: readonly number[],
): Promise<T> {
  return attempt(`${verb} container ${engineId}`, `No such container: ${engineId}`, call, fine);
}

/** The conflict in Docker's words, when that is why a container could not be created. */
export function nameTaken(error: unknown, name: string): SkepError | undefined {
  const holder = holderOfName(error);
  if (holder === undefined) return undefined;
  return conflict(
    `Conflict. The container name "/${name}" is already in use by container "${holder || 'unknown'}". ` +
      `You have to remove (or rename) that container to be able to reuse that name.`,
    error,
  );
}

/** Id of the container that has the name which another one was to get; empty where the engine does not say. */
export function holderOfName(error: unknown): string | undefined {
  const words = wordsOf(error);
  return /name .*in use/.test(words) ? (/[0-9a-f]{64}/.exec(words)?.[0] ?? '') : undefined;
}
