import { describe, expect, it } from 'vitest';
import { THE_NODE, type Place } from '../sockets/places.js';
import { upstreamsOf } from './upstream.js';

const place = (id: string): Place => ({ ...THE_NODE, id });
const from = (upstreams: string[], defaults: string[] = [], inside = place('asker front')) =>
  upstreamsOf(
    { upstreams, defaults },
    () => ['192.0.2.1'],
    () => inside,
  );
const told = (...args: Parameters<typeof from>) =>
  from(...args).map(({ text, place: { id } }) => [text, id === '' ? 'node' : 'inside']);

describe('upstreamsOf', () => {
  it("asks those that somebody named from inside, then the daemon's from the node", () => {
    expect(told(['10.0.0.1', '[fd00::1]:5300', 'nonsense'], ['10.0.0.2'])).toEqual([
      ['10.0.0.1:53', 'inside'],
      ['[fd00::1]:5300', 'inside'],
      ['10.0.0.2:53', 'node'],
    ]);
  });

  it("asks the node's own only where nobody named any", () => {
    expect(told([])).toEqual([['192.0.2.1:53', 'node']]);
    expect(told([], ['10.0.0.2'])).toEqual([['10.0.0.2:53', 'node']]);
    expect(told(['nonsense'])).toEqual([]);
  });

  it.each(['127.0.0.1', '127.1.2.3:5300', '::1', '[::ffff:127.0.0.1]:53', 'fe80::1%eth0'])(
    "%s is the node's",
    (text) => {
      expect(told([text])).toMatchObject([[expect.anything(), 'node']]);
    },
  );

  it('tells servers of the same address apart', () => {
    const keys = ['one front', 'two front', 'one back'].map((id) => from(['10.0.0.1'], [], place(id))[0]!.key);
    expect(new Set([...keys, from([], ['10.0.0.1'])[0]!.key]).size).toBe(4);
  });
});
