import { describe, expect, it } from 'vitest';
import { SkepError } from '#lib/common';
import type { IpamRequest } from '#lib/domain';
import { contains, overlaps, parseCidr } from './cidr.js';
import { grantPool, type PoolOptions, type Taken } from './pools.js';
import { seeded } from './testing/seeded.js';

const NAT: PoolOptions = {
  family: 4,
  bases: [{ base: '172.16.0.0/12', size: 20, order: 'last-to-first' }],
  taken: [],
};
const ULA: PoolOptions = {
  family: 6,
  bases: [{ base: 'fd12:3456:789a::/48', size: 64, order: 'first-to-last' }],
  taken: [],
};
const grant = (request: IpamRequest, more: Partial<PoolOptions> = {}) => grantPool(request, { ...NAT, ...more });
const taken = (...cidrs: string[]): Taken[] => cidrs.map((cidr) => ({ cidr, by: `network ${cidr}` }));

describe('a subnet that nobody asked for', () => {
  it('is the last one of the prefix, with its first address as gateway', () => {
    expect(grant({})).toEqual({ subnet: '172.31.240.0/20', gateway: '172.31.240.1' });
    expect(grantPool({}, ULA)).toEqual({ subnet: 'fd12:3456:789a::/64', gateway: 'fd12:3456:789a::1' });
  });

  it.each([
    [['172.31.240.0/20'], '172.31.224.0/20'],
    [['172.31.0.0/16'], '172.30.240.0/20'],
    [['172.31.255.8/29', '172.31.224.0/20'], '172.31.208.0/20'],
    [['172.31.0.0/16', '172.30.128.0/17', '10.0.0.0/8'], '172.30.112.0/20'],
    [['fd00::/8'], '172.31.240.0/20'],
  ])('steps over %j', (cidrs, expected) => {
    expect(grant({}, { taken: taken(...cidrs) }).subnet).toBe(expected);
  });

  it.each([
    [['fd12:3456:789a::/64'], 'fd12:3456:789a:1::/64'],
    [['fd12:3456:789a::/49'], 'fd12:3456:789a:8000::/64'],
  ])('goes upward where the pool says so: %j', (cidrs, expected) => {
    expect(grantPool({}, { ...ULA, taken: taken(...cidrs) }).subnet).toBe(expected);
  });

  it('comes from the next pool when one is full, and then is an error that names them', () => {
    const bases = [
      { base: '10.1.0.0/24', size: 25, order: 'first-to-last' as const },
      { base: '10.2.0.0/25', size: 25, order: 'first-to-last' as const },
    ];
    const held: Taken[] = [];
    const granted = [1, 2, 3].map(() => {
      const { subnet } = grant({}, { bases, taken: held });
      held.push({ cidr: subnet, by: 'x' });
      return subnet;
    });
    expect(granted).toEqual(['10.1.0.0/25', '10.1.0.128/25', '10.2.0.0/25']);
    expect(() => grant({}, { bases, taken: held })).toThrow(
      'no free IPv4 subnet is left in 10.1.0.0/24 in /25s, 10.2.0.0/25 in /25s: remove a network or give a subnet',
    );
  });

  it('skips pools that are smaller than what is cut from them, or outside of what is allowed', () => {
    const bases = [
      { base: '10.1.0.0/24', size: 20, order: 'first-to-last' as const },
      { base: '10.2.0.0/16', size: 20, order: 'first-to-last' as const },
      { base: '10.3.0.0/16', size: 20, order: 'first-to-last' as const },
    ];
    const within = { cidr: '10.3.0.0/16', name: 'nat-prefix' };
    expect(grant({}, { bases }).subnet).toBe('10.2.0.0/20');
    expect(grant({}, { bases, within }).subnet).toBe('10.3.0.0/20');
  });

  it('is found at once in a pool of 2^64 subnets of which half are taken', () => {
    const options = { ...ULA, bases: [{ base: 'fd00::/56', size: 120, order: 'first-to-last' as const }] };
    expect(grantPool({}, { ...options, taken: taken('fd00::/57') }).subnet).toBe('fd00:0:0:80::/120');
  });

  it('never overlaps anything, until nothing fits', () => {
    const random = seeded(7);
    for (let round = 0; round < 200; round++) {
      const base = {
        base: '10.0.0.0/20',
        size: 24,
        order: random() < 0.5 ? 'first-to-last' : 'last-to-first',
      } as const;
      const held = Array.from({ length: Math.floor(random() * 8) }, (): Taken => {
        const prefix = 22 + Math.floor(random() * 11);
        const size = 2 ** (32 - prefix);
        const at = Math.floor((random() * 4096) / size) * size;
        return { cidr: `10.0.${at >> 8}.${at & 255}/${prefix}`, by: 'x' };
      });
      const parsed = held.map((each) => parseCidr(each.cidr, 'x'));
      const possible = Array.from({ length: 16 }, (_, index) => parseCidr(`10.0.${index}.0/24`, 'x')).filter(
        (each) => !parsed.some((other) => overlaps(each, other)),
      ).length;
      for (let left = possible; left > 0; left--) {
        const subnet = parseCidr(grant({}, { bases: [base], taken: held }).subnet, 'x');
        expect(contains(parseCidr(base.base, 'x'), subnet)).toBe(true);
        expect(parsed.filter((each) => overlaps(each, subnet))).toEqual([]);
        parsed.push(subnet);
        held.push({ cidr: `10.0.${Number((subnet.base >> 8n) & 255n)}.0/24`, by: 'granted' });
      }
      expect(() => grant({}, { bases: [base], taken: held })).toThrow(SkepError);
    }
  });
});

describe('a subnet that was asked for', () => {
  it('is granted with everything that comes with it', () => {
    const request = {
      subnet: '172.28.0.0/16',
      gateway: '172.28.5.254',
      ipRange: '172.28.5.0/24',
      auxAddresses: { router: '172.28.1.5' },
    };
    expect(grant(request)).toEqual(request);
    expect(grant({ subnet: '192.168.1.0/24' }).gateway).toBe('192.168.1.1');
  });

  it('has a gateway that is no aux address', () => {
    const auxAddresses = { a: '10.0.0.1', b: '10.0.0.2' };
    expect(grant({ subnet: '10.0.0.0/24', auxAddresses }).gateway).toBe('10.0.0.3');
    expect(() => grant({ subnet: '10.0.0.0/24', gateway: '10.0.0.2', auxAddresses })).toThrow(
      'gateway 10.0.0.2 is aux address b already',
    );
    expect(() => grant({ subnet: '10.0.0.0/30', auxAddresses })).toThrow(/gateway 10.0.0.3 is not a usable address/);
  });

  it('inside a pinned prefix is granted', () => {
    const within = { cidr: '172.16.0.0/12', name: 'nat-prefix' };
    expect(grant({ subnet: '172.17.0.0/16' }, { within }).subnet).toBe('172.17.0.0/16');
  });

  it.each<[IpamRequest, Partial<PoolOptions>, string, string]>([
    [{ subnet: '10.0.0.5/24' }, {}, 'invalid', 'subnet: 10.0.0.5/24 has host bits set: it should be 10.0.0.0/24'],
    [{ subnet: 'fd00::/64' }, {}, 'invalid', 'subnet fd00::/64 is not IPv4'],
    [
      { subnet: '10.1.0.0/16' },
      { taken: [{ cidr: '10.0.0.0/8', by: 'a route by eth0' }] },
      'conflict',
      'Pool overlaps with other one on this address space: subnet 10.1.0.0/16 overlaps a route by eth0 (10.0.0.0/8)',
    ],
    [
      { subnet: '192.168.1.0/24' },
      { within: { cidr: '172.16.0.0/12', name: 'nat-prefix' } },
      'invalid',
      'subnet 192.168.1.0/24 is not part of 172.16.0.0/12, which nat-prefix sets',
    ],
    [
      { subnet: '10.0.0.0/24', gateway: '10.0.1.1' },
      {},
      'invalid',
      'gateway 10.0.1.1 is not a usable address of subnet 10.0.0.0/24: expected 10.0.0.1 to 10.0.0.254',
    ],
    [{ subnet: '10.0.0.0/24', gateway: '10.0.0.0' }, {}, 'invalid', 'gateway 10.0.0.0 is not a usable'],
    [{ subnet: '10.0.0.0/24', gateway: '10.0.0.255' }, {}, 'invalid', 'gateway 10.0.0.255 is not a usable'],
    [{ subnet: '10.0.0.0/24', gateway: 'fd00::1' }, {}, 'invalid', 'gateway fd00::1 is not a usable'],
    [{ subnet: '10.0.0.0/24', ipRange: '10.0.1.0/25' }, {}, 'invalid', 'ip_range 10.0.1.0/25 is not inside'],
    [{ subnet: '10.0.0.0/24', ipRange: '10.0.0.0/23' }, {}, 'invalid', 'ip_range 10.0.0.0/23 is not inside'],
    [{ subnet: '10.0.0.0/24', ipRange: '10.0.0.9/25' }, {}, 'invalid', 'it should be 10.0.0.0/25'],
    [
      { subnet: '10.0.0.0/24', auxAddresses: { r: '10.0.9.9' } },
      {},
      'invalid',
      'aux address r 10.0.9.9 is not a usable',
    ],
    [
      { subnet: '10.0.0.0/24', auxAddresses: { r: '10.0.0.9', s: '10.0.0.9' } },
      {},
      'conflict',
      'aux address s 10.0.0.9 is aux address r already',
    ],
  ])('%j is refused', (request, more, code, message) => {
    expect.assertions(2);
    try {
      grant(request, more);
    } catch (error) {
      expect(error).toMatchObject({ code });
      expect((error as Error).message).toContain(message);
    }
  });
});
