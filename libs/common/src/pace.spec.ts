import { describe, expect, it } from 'vitest';
import { Pace } from './pace.js';

describe('a pace', () => {
  /** Begin of each turn and how long it took, in milliseconds. */
  async function turns(pace: Pace, count: number, milliseconds: number) {
    const times: { begun: number; took: number }[] = [];
    for (let turn = 0; turn < count; turn++) {
      await new Promise<void>((resolve) =>
        pace.next(() => {
          const begun = performance.now();
          while (performance.now() - begun < milliseconds);
          times.push({ begun, took: performance.now() - begun });
          resolve();
        }),
      );
    }
    return times;
  }

  it('leaves as much time for others as long work took', async () => {
    const times = await turns(new Pace(), 3, 20);
    for (const [index, { begun }] of times.entries()) {
      if (index === 0) continue;
      const before = times[index - 1]!;
      // Timers count whole milliseconds.
      expect(begun - before.begun).toBeGreaterThanOrEqual(2 * before.took - 2);
    }
  });

  it('lets short work go on at once', async () => {
    let timers = 0;
    const before = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const pace = new Pace();
    for (let turn = 0; turn < 5; turn++) {
      await new Promise<void>((resolve) => {
        pace.next(resolve);
        timers += process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length - before;
      });
    }
    expect(timers).toBe(0);
  });
});
