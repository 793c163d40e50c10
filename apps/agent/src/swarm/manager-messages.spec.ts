import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { FromNodeInput, SessionStream, SwarmClient } from '#lib/contracts';
import { ManagerMessages } from './manager-messages.js';

let messages: ManagerMessages;
let sent: FromNodeInput[];
const stream = { write: (message: FromNodeInput) => sent.push(message) } as unknown as SessionStream;

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  const other = { disconnected: () => undefined } as never;
  const none = {} as never;
  messages = new ManagerMessages(none, none, other, other, none, none, none, none, none);
});
afterEach(() => vi.useRealTimers());

it('say that the node leaves, until the manager has ended the session', async () => {
  messages.opened({} as SwarmClient, stream);
  const left = vi.fn();
  const leaving = messages.leave().then(left);
  await vi.advanceTimersByTimeAsync(500);
  expect(sent).toEqual([{ leaving: {} }]);
  expect([left.mock.calls.length, messages.isLeaving]).toEqual([0, true]);
  messages.closed();
  await leaving;
  expect(messages.isLeaving).toBe(false);
});

it('are not waited for where the manager does not answer, or is away', async () => {
  await messages.leave();
  expect(sent).toEqual([]);
  messages.opened({} as SwarmClient, stream);
  const leaving = messages.leave();
  await vi.advanceTimersByTimeAsync(2_000);
  await leaving;
  expect(messages.isLeaving).toBe(false);
});
