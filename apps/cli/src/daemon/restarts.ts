import { backoff } from '#lib/common';

/** a process that lived this long is healthy: its next death counts as the first */
const HEALTHY_MS = 10_000;

/** When to start a process again: at once the first time, then after 100 ms, doubling up to 10 s. */
export class Restarts {
  private deaths = 0;

  /** @returns milliseconds to wait after a life of `livedMs` */
  delayAfter(livedMs: number): number {
    if (livedMs >= HEALTHY_MS) this.deaths = 0;
    this.deaths += 1;
    return this.deaths === 1 ? 0 : backoff(this.deaths - 1, 100, 10_000);
  }
}
