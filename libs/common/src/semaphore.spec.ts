import { describe, expect, it } from 'vitest';
import { Semaphore } from './semaphore.js';

describe('a semaphore', () => {
  /** Work by name that goes on until it is told to end. */
  function workshop(width: number) {
    const semaphore = new Semaphore(width);
    const begun: string[] = [];
    const ends = new Map<string, () => void>();
    const start = (name: string) =>
      semaphore.run(async () => {
        begun.push(name);
        await new Promise<void>((resolve) => ends.set(name, resolve));
        if (name === 'fails') throw new Error(name);
        return name;
      });
    const end = async (name: string) => {
      ends.get(name)!();
      await new Promise(setImmediate);
    };
    return { begun, start, end };
  }

  it('lets so many in at once, and the next ones in their order', async () => {
    const { begun, start, end } = workshop(2);
    const results = ['a', 'b', 'c', 'd'].map((name) => start(name));
    expect(begun).toEqual(['a', 'b']);
    await end('b');
    expect(begun).toEqual(['a', 'b', 'c']);
    await end('a');
    expect(begun).toEqual(['a', 'b', 'c', 'd']);
    await end('c');
    await end('d');
    expect(await Promise.all(results)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('gives the place free also after a failure', async () => {
    const { begun, start, end } = workshop(1);
    const failing = start('fails').catch(String);
    void start('b');
    await new Promise(setImmediate);
    await end('fails');
    expect(await failing).toBe('Error: fails');
    expect(begun).toEqual(['fails', 'b']);
  });
});
