import { describe, expect, it } from 'vitest';
import { addressBytes, addressText, reverseName } from './address.js';
import { labelCount, nameKey, nameText } from './name.js';

describe('nameKey', () => {
  it.each([
    ['web', '\x03web\0'],
    ['Web.FRONT.', '\x03web\x05front\0'],
    ['_80._tcp.web', '\x03_80\x04_tcp\x03web\0'],
    ['.', '\0'],
  ])('%s', (text, key) => {
    expect(nameKey(text)).toBe(key);
  });

  it.each(['', 'a..b', '.a', 'x'.repeat(64), `${'a.'.repeat(127)}a`])('refuses "%s"', (text) => {
    expect(nameKey(text)).toBeUndefined();
  });

  it('takes the longest name there is: 255 bytes', () => {
    expect(nameKey('a.'.repeat(127))).toHaveLength(255);
  });

  it('does not fold letters outside ASCII', () => {
    expect(nameKey('É')).not.toBe(nameKey('é'));
  });
});

it('nameText is the way back, with what is not printable escaped', () => {
  expect(nameText(nameKey('web.front')!)).toBe('web.front');
  expect(nameText('\x03a.b\0')).toBe('a\\046b');
  expect(nameText('\0')).toBe('.');
});

it('labelCount', () => {
  expect(['.', 'web', 'web.front', 'a.b.c'].map((name) => labelCount(nameKey(name)!))).toEqual([0, 1, 2, 3]);
});

describe('addresses', () => {
  it.each([
    ['10.0.0.2', '2.0.0.10.in-addr.arpa'],
    ['2001:db8::1', '1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa'],
  ])('%s is looked up as %s', (address, name) => {
    expect(nameText(reverseName(addressBytes(address)!))).toBe(name);
  });

  it('reads and writes both families', () => {
    expect(addressBytes('10.1.2.3')).toEqual(Uint8Array.of(10, 1, 2, 3));
    expect(addressBytes('::ffff:10.1.2.3')).toHaveLength(4);
    expect(addressText(addressBytes('2001:db8:0::1')!)).toBe('2001:db8::1');
    expect(addressBytes('10.1.2.3/24')).toBeUndefined();
  });
});
