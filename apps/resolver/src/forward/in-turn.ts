/** Why a signal of `inTurn` says that an attempt is not wanted any more: another one was of use. */
export const ENOUGH = Symbol('enough');
/** The same: nothing was of use in all the time that there was. */
export const OVER = Symbol('over');

export interface Turns {
  /** one that has not ended by then goes on, and the next is begun beside it. Milliseconds */
  patienceMs: number;
  /** for all of them together. Milliseconds */
  totalMs: number;
}

/** Resolves with undefined when it was of no use. Never rejects, and ends when the signal says so. */
export type Attempt<T> = (signal: AbortSignal) => Promise<T | undefined>;

/**
 * Begins one attempt after the other: the next one when one was of no use, or has not ended in time. The first that is of
 * use, however late, ends all others. Resolves with undefined when all have ended, or the time is over.
 */
export function inTurn<T>(attempts: readonly Attempt<T>[], { patienceMs, totalMs }: Turns): Promise<T | undefined> {
  return new Promise((resolve) => {
    const over = new AbortController();
    const waiting = [...attempts];
    let running = 0;
    let patience: NodeJS.Timeout | undefined;

    const end = (why: unknown) => {
      clearTimeout(patience);
      clearTimeout(deadline);
      over.abort(why);
    };
    const next = () => {
      clearTimeout(patience);
      const attempt = over.signal.aborted ? undefined : waiting.shift();
      if (attempt) void run(attempt);
      else if (running === 0) {
        end('all have ended');
        resolve(undefined);
      }
    };
    const run = async (attempt: Attempt<T>) => {
      running += 1;
      patience = setTimeout(next, patienceMs);
      const value = await attempt(over.signal);
      running -= 1;
      if (value === undefined) return next();
      end(ENOUGH);
      resolve(value);
    };
    const deadline = setTimeout(() => end(OVER), totalMs);
    next();
  });
}
