import { describe, expect, it } from 'vitest';
import { contains, formatAddress, formatCidr, overlaps, parseAddress, parseCidr, usable } from './cidr.js';

const cidr = (text: string) => parseCidr(text, 'subnet');

describe('parseCidr', () => {
  it.each(['0.0.0.0/0', '10.0.0.0/8', '172.16.16.0/20', '192.0.2.1/32', '::/0', 'fd00:1::/64', '2001:db8::1/128'])(
    'reads %s and writes it again',
    (text) => {
      expect(formatCidr(cidr(text))).toBe(text);
    },
  );

  it.each([
    ['10.0.0.1/24', 'subnet: 10.0.0.1/24 has host bits set: it should be 10.0.0.0/24'],
    ['fd00::1/64', 'subnet: fd00::1/64 has host bits set: it should be fd00::/64'],
    ['10.0.0.0', 'subnet: 10.0.0.0 is not a prefix; expected 10.0.0.0/LENGTH with LENGTH within 0-32'],
    ['10.0.0.0/', /is not a prefix/],
    ['10.0.0.0/33', /within 0-32/],
    ['fd00::/129', /within 0-128/],
    ['10.0.0.0/8.5', /is not a prefix/],
    ['10.0.0.0/-1', /is not a prefix/],
    ['10.0.0.0/8/9', /is not a prefix/],
    ['10.0/8', 'subnet: 10.0 is not an IP address'],
    ['010.0.0.0/8', /is not an IP address/],
    ['lan', /is not an IP address/],
    ['', /is not an IP address/],
  ])('refuses %j', (text, message) => {
    expect(() => cidr(text)).toThrow(message);
  });
});

describe('addresses', () => {
  it.each([
    ['0.0.0.0', 4, 0n],
    ['255.255.255.255', 4, 0xffffffffn],
    ['::1', 6, 1n],
    ['FD00:0:0::10', 6, 0xfd000000000000000000000000000010n],
  ] as const)('%s is a number', (text, family, value) => {
    expect(parseAddress(text, 'x')).toEqual({ family, value });
    expect(parseAddress(formatAddress(family, value), 'x')).toEqual({ family, value });
  });
});

describe('overlaps and contains', () => {
  it.each([
    ['10.0.0.0/8', '10.1.0.0/16', true, true],
    ['10.1.0.0/16', '10.0.0.0/8', true, false],
    ['10.0.0.0/24', '10.0.1.0/24', false, false],
    ['10.0.0.0/24', '10.0.0.0/24', true, true],
    ['0.0.0.0/0', 'fd00::/8', false, false],
    ['fd00::/8', 'fd00:1::/64', true, true],
  ])('%s and %s: %s, %s', (a, b, overlapping, containing) => {
    expect(overlaps(cidr(a), cidr(b))).toBe(overlapping);
    expect(overlaps(cidr(b), cidr(a))).toBe(overlapping);
    expect(contains(cidr(a), cidr(b))).toBe(containing);
  });
});

describe('usable', () => {
  it.each([
    ['10.0.0.0/24', '10.0.0.1', '10.0.0.254'],
    ['10.0.0.0/30', '10.0.0.1', '10.0.0.2'],
    ['10.0.0.0/31', '10.0.0.0', '10.0.0.1'],
    ['10.0.0.7/32', '10.0.0.7', '10.0.0.7'],
    ['fd00::/64', 'fd00::1', 'fd00::ffff:ffff:ffff:ffff'],
    ['fd00::/127', 'fd00::', 'fd00::1'],
  ])('%s: %s to %s', (text, first, last) => {
    const { family } = cidr(text);
    const range = usable(cidr(text));
    expect([formatAddress(family, range.first), formatAddress(family, range.last)]).toEqual([first, last]);
  });
});
