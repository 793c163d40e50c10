import { expect, it } from 'vitest';
import { askedOnce } from './asked-once.js';

/** Answers with how often it was asked. */
function counting(limit = 10, isKept?: (text: string, answer: number) => boolean) {
  let asked = 0;
  return askedOnce(limit, async () => ++asked, isKept);
}

it('asks once for each text', async () => {
  const answer = counting();
  expect(await Promise.all([answer('a'), answer('a'), answer('b')])).toEqual([1, 1, 2]);
  expect(await answer('a')).toBe(1);
});

it('asks again for what is not to be kept, but not while it asks', async () => {
  const answer = counting(10, (text) => text === 'lasting');
  expect(await Promise.all([answer('passing'), answer('passing')])).toEqual([1, 1]);
  expect(await answer('passing')).toBe(2);
  expect(await Promise.all([answer('lasting'), answer('lasting')])).toEqual([3, 3]);
  expect(await answer('lasting')).toBe(3);
});

it('keeps no failure', async () => {
  let asked = 0;
  const answer = askedOnce(10, async () => {
    if (++asked === 1) throw new Error('away');
    return asked;
  });
  await expect(Promise.all([answer('a'), answer('a')])).rejects.toThrow('away');
  expect(await answer('a')).toBe(2);
});

it('forgets all when there are too many', async () => {
  const answer = counting(2);
  expect([await answer('a'), await answer('b'), await answer('c'), await answer('a')]).toEqual([1, 2, 3, 4]);
});
