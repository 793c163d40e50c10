import { expect, it } from 'vitest';
import { Sealer } from './sealer.js';

const sealer = new Sealer(Buffer.alloc(32, 7));

it('opens what it sealed, and nothing that was changed, cut off or sealed with another key', () => {
  const text = Buffer.from([0x30, 0x82, 0xff, 0x00, 0xc3]);
  const sealed = sealer.seal(text);
  expect(sealer.unseal(sealed)).toEqual(text);
  expect(sealer.seal(text)).not.toBe(sealed);
  expect(() => sealer.unseal(`AAAA${sealed.slice(4)}`)).toThrow();
  expect(() => sealer.unseal(sealed.slice(0, 24))).toThrow();
  expect(() => new Sealer(Buffer.alloc(32, 8)).unseal(sealed)).toThrow();
});

it('opens what is in the databases of earlier versions', () => {
  expect(sealer.unseal('AQEBAQEBAQEBAQEBAWgMd5tQ8DT6mouwS9X4/xfB/tji2w==').toString()).toBe('a word');
});
