import { expect, it } from 'vitest';
import { announcement } from './announcement.js';

const MAC = '02:11:22:33:44:55';

it('announces an IPv4 address by an ARP request of everybody that asks for itself', () => {
  expect(announcement(MAC, '192.0.2.7').toString('hex')).toBe(
    ['ffffffffffff0211223344550806', '0001080006040001', '021122334455c0000207', '000000000000c0000207'].join(''),
  );
});

it('announces an IPv6 address by an advertisement to all nodes, which overrides what they know', () => {
  const frame = announcement(MAC, '2001:db8::7');
  const [from, all] = ['20010db8000000000000000000000007', 'ff020000000000000000000000000001'];
  expect(frame.toString('hex')).toBe(
    `33330000000102112233445586dd6000000000203aff${from}${all}8800928620000000${from}0201021122334455`,
  );
});

it.each([
  ['', '192.0.2.7'],
  [MAC, 'nobody'],
])('refuses %j with %j', (mac, address) => {
  expect(() => announcement(mac, address)).toThrow('expected an IP and a MAC address');
});
