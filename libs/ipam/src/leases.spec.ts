import { describe, expect, it } from 'vitest';
import type { IpamPool } from '#lib/domain';
import { holds, parseAddress, parseCidr, usable } from './cidr.js';
import { leaseAddresses, type LeaseOptions } from './leases.js';
import { seeded } from './testing/seeded.js';

const pool = (subnet: string, more: Partial<IpamPool> = {}): IpamPool => ({
  subnet,
  gateway: subnet.replace(/(?:0|(:))\/\d+$/, '$11'),
  ...more,
});
const SMALL = pool('10.0.0.0/29'); // .1 is the gateway; .2 to .6 are free
const none: LeaseOptions = { used: new Map() };
const any = (count: number): undefined[] => Array.from({ length: count }, () => undefined);

describe('leaseAddresses', () => {
  it('gives the first free ones, without network, gateway and broadcast', () => {
    expect(leaseAddresses(SMALL, any(5), none)).toEqual(['10.0.0.2', '10.0.0.3', '10.0.0.4', '10.0.0.5', '10.0.0.6']);
    expect(leaseAddresses(pool('fd00::/64'), any(2), none)).toEqual(['fd00::2', 'fd00::3']);
  });

  it('reserves all static ones before the first dynamic one', () => {
    expect(leaseAddresses(SMALL, [undefined, '10.0.0.2', undefined, '10.0.0.4'], none)).toEqual([
      '10.0.0.3',
      '10.0.0.2',
      '10.0.0.5',
      '10.0.0.4',
    ]);
  });

  it('goes round behind the last one, so that an address is not used again at once', () => {
    expect(leaseAddresses(SMALL, any(3), { ...none, after: '10.0.0.4' })).toEqual(['10.0.0.5', '10.0.0.6', '10.0.0.2']);
    expect(leaseAddresses(SMALL, any(1), { ...none, after: '10.0.0.6' })).toEqual(['10.0.0.2']);
    expect(leaseAddresses(SMALL, any(1), { ...none, after: '10.9.9.9' })).toEqual(['10.0.0.2']);
  });

  it('skips used, resting and aux addresses', () => {
    const options = { used: new Map([['10.0.0.2', 'container a']]), quarantined: new Set(['10.0.0.3']) };
    const withAux = { ...SMALL, auxAddresses: { printer: '10.0.0.4' } };
    expect(leaseAddresses(withAux, any(2), options)).toEqual(['10.0.0.5', '10.0.0.6']);
  });

  it('grants a resting address to who asks for it', () => {
    expect(leaseAddresses(SMALL, ['10.0.0.3'], { ...none, quarantined: new Set(['10.0.0.3']) })).toEqual(['10.0.0.3']);
  });

  it('keeps to ip_range for dynamic addresses alone', () => {
    const ranged = pool('10.0.0.0/16', { ipRange: '10.0.5.0/30' });
    expect(leaseAddresses(ranged, ['10.0.9.9', ...any(4)], none)).toEqual([
      '10.0.9.9',
      '10.0.5.0',
      '10.0.5.1',
      '10.0.5.2',
      '10.0.5.3',
    ]);
    expect(() => leaseAddresses(ranged, any(5), none)).toThrow('no address is left in 10.0.5.0/30: all 4 are in use');
  });

  it('writes a static address as everybody else does', () => {
    expect(leaseAddresses(pool('fd00::/64'), ['FD00:0::00AB'], none)).toEqual(['fd00::ab']);
  });

  it.each<[(string | undefined)[], LeaseOptions, string, string]>([
    [['10.0.0.1'], none, 'conflict', 'address 10.0.0.1 is already in use by the gateway'],
    [['10.0.0.5'], { used: new Map([['10.0.0.5', 'container db']]) }, 'conflict', 'in use by container db'],
    [['10.0.0.5', '10.0.0.5'], none, 'conflict', 'address 10.0.0.5 is asked for twice in subnet 10.0.0.0/29'],
    [['10.0.0.0'], none, 'invalid', 'not a usable address of subnet 10.0.0.0/29: expected 10.0.0.1 to 10.0.0.6'],
    [['10.0.0.7'], none, 'invalid', 'not a usable address'],
    [['10.0.1.2'], none, 'invalid', 'not a usable address'],
    [['fd00::2'], none, 'invalid', 'not a usable address'],
    [['ten'], none, 'invalid', 'address: ten is not an IP address'],
    [any(6), none, 'exhausted', 'no address is left in 10.0.0.0/29: all 6 are in use, reserved or resting'],
  ])('refuses %j', (requests, options, code, message) => {
    expect.assertions(2);
    try {
      leaseAddresses(SMALL, requests, options);
    } catch (error) {
      expect(error).toMatchObject({ code });
      expect((error as Error).message).toContain(message);
    }
  });

  it('needs no longer in a large pool', () => {
    const used = new Map(any(2000).map((_, index) => [`172.16.${(index + 2) >> 8}.${(index + 2) & 255}`, 'x']));
    expect(leaseAddresses(pool('172.16.0.0/12'), any(1), { used })).toEqual(['172.16.7.210']);
    expect(
      leaseAddresses(pool('fd00::/8'), any(1), { ...none, after: 'fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff' }),
    ).toEqual(['fd00::2']);
  });

  it.each(['10.0.0.0/27', '10.0.0.0/31', 'fd00::/123', '10.0.0.0/25'])(
    'never gives an address twice or from outside: %s',
    (subnet) => {
      const parsed = parseCidr(subnet, 'x');
      const { first, last } = usable(parsed);
      const random = seeded(subnet.length);
      for (let round = 0; round < 30; round++) {
        const used = new Map<string, string>();
        const granting = pool(subnet, { gateway: subnet.startsWith('fd') ? 'fd00::1' : '10.0.0.1' });
        let left = Number(last - first); // all but the gateway
        let after: string | undefined;
        while (left > 0) {
          const count = Math.min(left, 1 + Math.floor(random() * 4));
          const granted = leaseAddresses(granting, any(count), { used, after });
          for (const address of granted) {
            const { family, value } = parseAddress(address, 'x');
            expect([used.has(address), holds(parsed, family, value), address === granting.gateway]).toEqual([
              false,
              true,
              false,
            ]);
            used.set(address, 'x');
          }
          after = granted.at(-1);
          left -= count;
          const back = [...used.keys()][Math.floor(random() * used.size)];
          if (random() < 0.3 && back !== undefined && used.delete(back)) left += 1;
          if (used.size > 1000) break;
        }
        expect(() => leaseAddresses(granting, any(1), { used })).toThrow(/no address is left/);
      }
    },
  );
});
