import { describe, expect, it } from 'vitest';
import { checkListed, formatRange, leaseListed, parseAddressList } from './address-list.js';
import { leaseAddresses } from './leases.js';

const pool = { subnet: '10.0.9.0/24', gateway: '10.0.9.1', auxAddresses: { router: '10.0.9.30' } };
const listed = (text: string) => parseAddressList(text, 'option');

describe('a list of addresses', () => {
  it.each([
    ['10.0.9.10', ['10.0.9.10']],
    ['10.0.9.10-10.0.9.12, 10.0.9.20', ['10.0.9.10-10.0.9.12', '10.0.9.20']],
    ['fd00::a-fd00::b', ['fd00::a-fd00::b']],
  ])('%s', (text, expected) => {
    expect(listed(text).map(formatRange)).toEqual(expected);
  });

  it.each([
    ['', 'option:  is not an IP address'],
    ['10.0.9.12-10.0.9.10', 'is not a range; expected FIRST-LAST'],
    ['10.0.9.10-fd00::1', 'is not a range'],
    ['10.0.9.10-10.0.9.20,10.0.9.15', '10.0.9.10-10.0.9.20 is listed twice'],
    ['10.0.9.0/28', 'option: 10.0.9.0/28 is not an IP address'],
  ])('refuses %j', (text, said) => {
    expect(() => listed(text)).toThrow(said);
  });

  it.each([
    ['10.0.8.10', '10.0.8.10 is not inside subnet 10.0.9.0/24: expected addresses from 10.0.9.1 to 10.0.9.254'],
    ['10.0.9.250-10.0.9.255', 'is not inside subnet'],
    ['10.0.9.1-10.0.9.4', 'contains 10.0.9.1, which is the gateway'],
    ['10.0.9.29-10.0.9.31', 'contains 10.0.9.30, which is aux address router'],
  ])('does not fit the pool: %s', (text, said) => {
    expect(() => checkListed(listed(text), pool)).toThrow(said);
  });

  it('gives the preferred one where it is free, else the first, and says when there is none', () => {
    const used = new Map([['10.0.9.10', 'task a']]);
    const list = listed('10.0.9.10-10.0.9.11,10.0.9.20');
    expect([2, 0, 7].map((place) => leaseListed(list, used, place))).toEqual(['10.0.9.20', '10.0.9.11', '10.0.9.11']);
    expect(() => leaseListed(listed('10.0.9.10'), used, 0)).toThrow('no address is left in 10.0.9.10: all are in use');
  });

  it('is left alone by those who take any address, in one step however long it is', () => {
    const used = new Map([['10.0.9.2', 'task a']]);
    const promised = listed('10.0.9.3-10.0.9.200');
    expect(leaseAddresses(pool, [undefined], { used, promised })).toEqual(['10.0.9.201']);
    const all = { used, promised: listed('10.0.9.3-10.0.9.254') };
    expect(() => leaseAddresses(pool, [undefined], all)).toThrow('no address is left in 10.0.9.0/24');
    const six = { subnet: 'fd00::/64', gateway: 'fd00::1' };
    const far = { used: new Map<string, string>(), promised: listed('fd00::2-fd00::ffff:ffff') };
    expect(leaseAddresses(six, [undefined], far)).toEqual(['fd00::1:0:0']);
  });
});
