import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { detachKeys, untilKeys } from './detach-keys.js';

describe('detach keys', () => {
  it.each([
    ['', [0x10, 0x11]],
    ['ctrl-p,ctrl-q', [0x10, 0x11]],
    ['a,B, ', [97, 66, 32]],
    ['ctrl-@,CTRL-[,ctrl-\\,ctrl-],ctrl-^,ctrl-_', [0, 27, 28, 29, 30, 31]],
  ])('%j', (text, keys) => {
    expect(detachKeys(text)).toEqual(keys);
  });

  it.each(['ctrl-', 'ctrl-1', 'ab', 'a,', 'ctrl-aa', 'é'])('%j is none', (text) => {
    expect(() => detachKeys(text)).toThrow(`Invalid detach keys (${text})`);
  });
});

describe('what is typed', () => {
  it.each([
    [['xxab', 'more'], 'xx', true],
    [['xa', 'b'], 'x', true],
    [['aab'], 'a', true],
    [['a', 'x', 'b'], 'axb', false],
    [['ba'], 'ba', false],
    [['nothing of it'], 'nothing of it', false],
  ])('%j with the keys a,b', async (pieces, through, expected) => {
    let left = false;
    const passed: Buffer[] = [];
    const typed = Readable.from(pieces.map((piece) => Buffer.from(piece)));
    for await (const piece of typed.pipe(untilKeys(detachKeys('a,b'), () => (left = true))))
      passed.push(piece as Buffer);
    expect(Buffer.concat(passed).toString()).toBe(through);
    expect(left).toBe(expected);
  });

  it('is not held back where it cannot be the keys', () => {
    const keys = untilKeys(detachKeys(''), () => expect.unreachable());
    keys.write('a\x10');
    expect(String(keys.read())).toBe('a');
    keys.write('b');
    expect(String(keys.read())).toBe('\x10b');
  });
});
