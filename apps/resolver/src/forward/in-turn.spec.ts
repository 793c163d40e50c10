import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { inTurn, type Attempt } from './in-turn.js';

const TURNS = { patienceMs: 800, totalMs: 4_000 };

let begun: string[];
let ended: string[];

beforeEach(() => {
  vi.useFakeTimers();
  [begun, ended] = [[], []];
});
afterEach(() => vi.useRealTimers());

/** Ends after this time, with the value, or when nobody wants it any more. */
function attempt(name: string, ms: number, value?: string): Attempt<string> {
  const start = Date.now();
  return (signal) => {
    begun.push(`${name} ${Date.now() - start}`);
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        signal.removeEventListener('abort', stop);
        resolve(value);
      }, ms);
      const stop = () => {
        clearTimeout(timer);
        ended.push(`${name}: ${String(signal.reason)}`);
        resolve(undefined);
      };
      signal.addEventListener('abort', stop);
    });
  };
}

/** What comes of it, and after how long. */
async function outcome(...attempts: Attempt<string>[]): Promise<[string | undefined, number]> {
  const start = Date.now();
  const asked = inTurn(attempts, TURNS).then((value): [string | undefined, number] => [value, Date.now() - start]);
  await vi.runAllTimersAsync();
  return asked;
}

it('begins the next when one was of no use, and no other when one was', async () => {
  expect(await outcome(attempt('a', 10), attempt('b', 10, 'B'), attempt('c', 10, 'C'))).toEqual(['B', 20]);
  expect(begun).toEqual(['a 0', 'b 10']);
});

it('begins the next beside one that takes long, and takes whichever ends first', async () => {
  expect(await outcome(attempt('a', 1_500, 'A'), attempt('b', 3_000, 'B'))).toEqual(['A', 1_500]);
  expect(begun).toEqual(['a 0', 'b 800']);
  expect(ended).toEqual(['b: Symbol(enough)']);
});

it('waits for one that takes long until the time is over', async () => {
  expect(await outcome(attempt('a', 3_900, 'A'), attempt('b', 10))).toEqual(['A', 3_900]);
  expect(await outcome(attempt('a', 4_100, 'A'), attempt('b', 10))).toEqual([undefined, 4_000]);
  expect(ended).toEqual(['a: Symbol(over)']);
});

it('waits no longer than for the last of them', async () => {
  expect(await outcome(attempt('a', 10), attempt('b', 20))).toEqual([undefined, 30]);
  expect(await outcome()).toEqual([undefined, 0]);
  expect(vi.getTimerCount()).toBe(0);
});
