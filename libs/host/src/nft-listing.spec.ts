import { describe, expect, it } from 'vitest';
import { normalizeListing } from './nft-listing.js';

const listing = (...objects: unknown[]) =>
  JSON.stringify({ nftables: [{ metainfo: { version: '1.0.6', json_schema_version: 1 } }, ...objects] });
const rule = (chain: string, handle: number, expr: unknown[]) => ({
  rule: { family: 'inet', table: 't', chain, handle, expr },
});
const map = (handle: number, elem: unknown[]) => ({ map: { family: 'inet', name: 'm', table: 't', handle, elem } });

describe('normalizeListing', () => {
  it('is blind to handles, counts and the order of elements and objects', () => {
    const a = listing(
      { chain: { name: 'b', handle: 1 } },
      map(2, [
        [443, '10.0.0.1'],
        [80, '10.0.0.2'],
      ]),
      rule('b', 3, [{ counter: { packets: 7, bytes: 100 } }, { accept: null }]),
    );
    const b = listing(
      map(9, [
        [80, '10.0.0.2'],
        [443, '10.0.0.1'],
      ]),
      { chain: { name: 'b', handle: 8 } },
      rule('b', 10, [{ counter: { packets: 0, bytes: 0 } }, { accept: null }]),
    );
    expect(normalizeListing(a)).toEqual(normalizeListing(b));
  });

  it('sees another element, another rule and another order of rules', () => {
    const base = normalizeListing(listing(map(1, [[80, 'x']]), rule('a', 2, ['one']), rule('a', 3, ['two'])));
    expect(normalizeListing(listing(map(1, [[81, 'x']]), rule('a', 2, ['one']), rule('a', 3, ['two'])))).not.toEqual(
      base,
    );
    expect(normalizeListing(listing(map(1, [[80, 'x']]), rule('a', 2, ['one'])))).not.toEqual(base);
    expect(normalizeListing(listing(map(1, [[80, 'x']]), rule('a', 3, ['two']), rule('a', 2, ['one'])))).not.toEqual(
      base,
    );
  });

  it('keeps a handle that is part of an expression', () => {
    expect(normalizeListing(listing(rule('a', 2, [{ match: { handle: 5 } }])))).toEqual([
      { rule: { family: 'inet', table: 't', chain: 'a', expr: [{ match: { handle: 5 } }] } },
    ]);
  });
});
