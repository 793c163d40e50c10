import { SkepError } from './errors.js';

/** Where code needs the time or a timer it takes a Clock, so that tests own time. Times are milliseconds. */
export interface Clock {
  now(): number;
  sleep(ms: number): Promise<void>;
}

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** The time of day since the epoch, which may be set, back as well: for moments that are told or kept. */
export const systemClock: Clock = { now: () => Date.now(), sleep };

/** Goes on evenly, whatever the time of day is set to, and begins with the process: for its deadlines and pauses. */
export const steadyClock: Clock = { now: () => performance.now(), sleep };

/** The longest time that a timer takes; a longer one would ring at once. Milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1;

/**
 * Does the work once, that many milliseconds from now, however many they are; without end for `Infinity`.
 * @returns calls it off
 */
export function after(ms: number, work: () => void): () => void {
  let timer: NodeJS.Timeout;
  const arm = (left: number) => {
    const now = Math.min(left, LONGEST_TIMER);
    timer = setTimeout(() => (left > now ? arm(left - now) : work()), now);
  };
  arm(ms);
  return () => clearTimeout(timer);
}

/**
 * Is a moment still to come that was `longest` away, at most, when it was noted? Where it is farther away the time of day
 * was set back since, and nobody knows any more how far: then it is over. Milliseconds, since the epoch.
 */
export function isAhead(moment: number, longest: number, now: number): boolean {
  return moment > now && moment - now <= longest;
}

/** Exponential backoff: `base * 2^(attempt-1)`, at most `max`, in milliseconds. The first attempt is 1. */
export function backoff(attempt: number, base = 100, max = 60_000): number {
  return Math.min(max, base * 2 ** Math.max(0, attempt - 1));
}

/** Polls until `probe` gives a value that is neither undefined nor false, or throws `timeout` after `ms`. */
export async function waitFor<T>(
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  options: { ms: number; every?: number; what: string; clock?: Clock },
): Promise<T> {
  const clock = options.clock ?? steadyClock;
  const deadline = clock.now() + options.ms;
  for (;;) {
    const value = await probe();
    if (value !== undefined && value !== false) return value;
    if (clock.now() >= deadline) {
      throw new SkepError('timeout', `${options.what}: not within ${options.ms} ms`);
    }
    await clock.sleep(options.every ?? 20);
  }
}

const NANO = 1_000_000_000n;

/** Nanoseconds since the epoch as Docker's API takes a moment: seconds, with nine digits behind the point; before it: 0. */
export function secondsOf(nano: bigint): string {
  return nano < 0n ? '0' : `${nano / NANO}.${(nano % NANO).toString().padStart(9, '0')}`;
}
