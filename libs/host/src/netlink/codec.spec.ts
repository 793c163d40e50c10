import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decodeLink, dumpRequest, ending, linkUpRequest, messages, RTM, type Message } from './codec.js';
import { assembleLinks, assembleRoutes } from './observe.js';

/** Payloads of three dumps on Linux 6.18: a bridge skbr0 with a port skv0, and its peer skv1. */
const recorded = JSON.parse(readFileSync(new URL('recorded.json', import.meta.url), 'utf8')) as Record<
  'links' | 'addresses' | 'routes',
  string[]
>;
const replay = (kind: keyof typeof recorded, type: number): Message[] =>
  recorded[kind].map((text) => ({ type, flags: 0, payload: Buffer.from(text, 'base64') }));
const links = replay('links', RTM.NEWLINK);
const addresses = replay('addresses', RTM.NEWADDR);
const routes = replay('routes', RTM.NEWROUTE);

describe('recorded dumps', () => {
  it('give links with their kinds, masters and addresses', () => {
    expect(assembleLinks(links, addresses)).toEqual([
      {
        index: 1,
        name: 'lo',
        kind: '',
        up: true,
        mac: '00:00:00:00:00:00',
        mtu: 65536,
        addresses: ['127.0.0.1/8', '::1/128'],
      },
      {
        index: 2,
        name: 'skbr0',
        kind: 'bridge',
        up: true,
        mac: '02:00:00:00:00:01',
        mtu: 1400,
        addresses: ['10.9.0.1/24', 'fd00:9::1/64'],
      },
      { index: 3, name: 'skv1', kind: 'veth', parent: 4, up: false, mac: expect.any(String), mtu: 1500, addresses: [] },
      {
        index: 4,
        name: 'skv0',
        kind: 'veth',
        up: false,
        master: 'skbr0',
        parent: 3,
        mac: '02:00:00:00:00:02',
        mtu: 1400,
        addresses: [],
      },
    ]);
  });

  it('give the main table: default, connected, several next hops, another family, none', () => {
    expect(assembleRoutes(routes, links)).toEqual([
      { destination: '0.0.0.0/0', gateway: '10.9.0.254', link: 'skbr0' },
      { destination: '10.9.0.0/24', link: 'skbr0' },
      { destination: '10.50.0.0/16', gateway: '10.9.0.7', link: 'skbr0' },
      { destination: '10.60.0.0/16', gateway: 'fd00:9::7', link: 'skbr0' },
      { destination: '10.70.0.0/16' },
      { destination: 'fd00:9::/64', link: 'skbr0' },
      { destination: '::/0', gateway: 'fd00:9::fe', link: 'skbr0' },
    ]);
  });
});

describe('messages', () => {
  const framed = (type: number, payload: Buffer) => {
    const head = Buffer.alloc(16);
    head.writeUInt32LE(16 + payload.length, 0);
    head.writeUInt16LE(type, 4);
    return Buffer.concat([head, payload, Buffer.alloc(-payload.length & 3)]);
  };

  it('splits what one read gave at its aligned ends', () => {
    const data = Buffer.concat([framed(16, Buffer.from('abcde')), framed(20, Buffer.from('xyz'))]);
    expect([...messages(data)].map(({ type, payload }) => [type, payload.toString()])).toEqual([
      [16, 'abcde'],
      [20, 'xyz'],
    ]);
  });

  it('refuses a message that is cut short or says it is shorter than its header', () => {
    const whole = framed(16, Buffer.from('abcdefgh'));
    expect(() => [...messages(whole.subarray(0, 20))]).toThrow(RangeError);
    whole.writeUInt32LE(3, 0);
    expect(() => [...messages(whole)]).toThrow(RangeError);
  });

  it('refuses a link with an attribute that is cut short', () => {
    expect(() => decodeLink(links[1]!.payload.subarray(0, 24))).toThrow(RangeError);
  });

  it.each([
    ['an ordinary message', 16, undefined],
    ['the end', 3, 0],
    ['an acknowledgement', 2, 0],
  ])('%s', (_, type, expected) => {
    expect(ending({ type, flags: 0, payload: Buffer.alloc(4) })).toBe(expected);
  });

  it('gives an error its errno', () => {
    const payload = Buffer.alloc(4);
    payload.writeInt32LE(-1);
    expect(ending({ type: 2, flags: 0, payload })).toBe(1);
  });
});

describe('requests', () => {
  it.each([
    [RTM.GETLINK, 40],
    [RTM.GETADDR, 24],
    [RTM.GETROUTE, 28],
  ])('dump %i is one message of %i bytes', (type, length) => {
    const [only, ...others] = messages(dumpRequest(type));
    expect(others).toEqual([]);
    expect(only).toMatchObject({ type, flags: 0x301 });
    expect(dumpRequest(type)).toHaveLength(length);
  });

  it('sets a link up', () => {
    const [only] = messages(linkUpRequest(1));
    expect(only).toMatchObject({ type: RTM.NEWLINK, flags: 0x5 });
    expect(only!.payload.toString('hex')).toBe('00000000010000000100000001000000');
  });
});
