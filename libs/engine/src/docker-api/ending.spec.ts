import { expect, it } from 'vitest';
import { systemClock } from '#lib/common';
import { whileItEnds } from './ending.js';

const ENDING =
  'cannot remove container 1 as it could not be stopped: sending SIGKILL: container state improper: stopped';

/** Fails so many times, then succeeds; at once, whatever the pauses. */
function removal(failures: number, words = ENDING) {
  let asked = 0;
  const work = async () => {
    if (++asked <= failures) throw new Error(words);
    return asked;
  };
  return whileItEnds(work, { ...systemClock, sleep: async () => undefined });
}

it('waits for a container that ends by itself', async () => {
  expect(await removal(3)).toBe(4);
});

it('does not wait for ever, or for anything else', async () => {
  await expect(removal(100)).rejects.toThrow('state improper: stopped');
  await expect(removal(1, 'container state improper: paused')).rejects.toThrow('paused');
});
