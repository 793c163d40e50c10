import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { after, waitFor } from './time.js';

const DAY = 24 * 60 * 60 * 1000;

describe('after', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it.each([0, 1, 20, DAY, 2 ** 31 - 1, 2 ** 31, 30 * DAY, 365 * DAY])('does its work after %d ms, once', (ms) => {
    const work = vi.fn();
    after(ms, work);
    vi.advanceTimersByTime(Math.max(0, ms - 1));
    expect(work).toHaveBeenCalledTimes(ms === 0 ? 1 : 0);
    vi.advanceTimersByTime(1);
    expect([work.mock.calls.length, vi.getTimerCount()]).toEqual([1, 0]);
  });

  it('waits without end for Infinity', () => {
    const work = vi.fn();
    const callOff = after(Infinity, work);
    vi.advanceTimersByTime(1_000 * DAY);
    expect(work).not.toHaveBeenCalled();
    callOff();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('can be called off before a timer has rung, between two, and afterwards', () => {
    const work = vi.fn();
    after(30 * DAY, work)();
    const later = after(60 * DAY, work);
    vi.advanceTimersByTime(50 * DAY);
    later();
    expect([work.mock.calls.length, vi.getTimerCount()]).toEqual([0, 0]);
    const done = after(5, work);
    vi.advanceTimersByTime(5);
    done();
    expect(work).toHaveBeenCalledTimes(1);
  });
});

describe('waitFor', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it.each([-DAY, 0, DAY])('gives up in time where the clock is set by %d ms meanwhile', async (by) => {
    let over = '';
    const probe = vi.fn(() => false as const);
    void waitFor(probe, { ms: 1_000, what: 'nothing' }).catch((error: Error) => (over = error.message));
    await vi.advanceTimersByTimeAsync(500);
    vi.setSystemTime(Date.now() + by);
    await vi.advanceTimersByTimeAsync(450);
    expect(over).toBe('');
    await vi.advanceTimersByTimeAsync(100);
    expect(over).toBe('nothing: not within 1000 ms');
  });
});
