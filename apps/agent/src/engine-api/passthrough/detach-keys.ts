import { Transform } from 'node:stream';
import { invalid } from '#lib/common';

/** Ctrl-P, Ctrl-Q. */
const DEFAULT = [0x10, 0x11];
const AFTER_CTRL = '@abcdefghijklmnopqrstuvwxyz[\\]^_';

/** `a,ctrl-x` as the bytes that a terminal sends; empty: Docker's default. Refuses what is no key (`invalid`). */
export function detachKeys(text: string): number[] {
  if (text === '') return DEFAULT;
  return text.split(',').map((key) => {
    if (/^[\x20-\x7e]$/.test(key)) return key.charCodeAt(0);
    const code = AFTER_CTRL.indexOf(/^ctrl-(.)$/i.exec(key)?.[1]?.toLowerCase() ?? ' ');
    if (code >= 0) return code;
    throw invalid(
      `Invalid detach keys (${text.slice(0, 100)}) provided: keys with commas between them are accepted, each a character or ctrl-X`,
    );
  });
}

/**
 * What is typed, on its way to a terminal. What may be the beginning of the keys is held back until it is none, and
 * nothing passes after the keys.
 * @param left called when they were typed
 */
export function untilKeys(keys: readonly number[], left: () => void): Transform {
  let typed = 0;
  const held = () => Buffer.from(keys.slice(0, typed));
  return new Transform({
    transform(piece: Buffer, _encoding, done) {
      if (typed === keys.length) return done();
      if (typed === 0 && !piece.includes(keys[0]!)) return done(null, piece);
      const through: Buffer[] = [];
      for (const byte of piece) {
        if (byte !== keys[typed]) {
          through.push(held());
          typed = 0;
        }
        if (byte === keys[typed]) typed += 1;
        else through.push(Buffer.from([byte]));
        if (typed === keys.length) break;
      }
      done(null, Buffer.concat(through));
      if (typed === keys.length) left();
    },
    flush(done) {
      done(null, typed < keys.length ? held() : undefined);
    },
  });
}
