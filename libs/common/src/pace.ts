import { performance } from 'node:perf_hooks';

/** Milliseconds. Work that takes less is not worth a pause. */
const SHORT = 3;

/**
 * For work that is asked for after every change and costs as much as there is to look at: it gets at most half of the
 * time of its thread. Short work goes on with the next turn of the event loop; after long work there is a pause as long.
 */
export class Pace {
  private rest = 0;
  private ended = -Infinity;

  /** Does the work once, soon. */
  next(work: () => void): void {
    const wait = this.rest - (performance.now() - this.ended);
    if (wait > 0) setTimeout(() => this.run(work), wait);
    else setImmediate(() => this.run(work));
  }

  private run(work: () => void): void {
    const begun = performance.now();
    try {
      work();
    } finally {
      this.ended = performance.now();
      const took = this.ended - begun;
      this.rest = took > SHORT ? took : 0;
    }
  }
}
