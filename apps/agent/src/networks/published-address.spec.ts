import { expect, it } from 'vitest';
import { publishedAddress } from './published-address.js';

it.each(['', '0.0.0.0', '127.0.0.1', '::', 'fd00::1'])('ports are published on %j', (address) => {
  expect(publishedAddress(address)).toBe(address);
});

it.each([
  ['localhost', 'invalid', 'invalid IP address: localhost'],
  ['127.1', 'invalid', 'invalid IP address: 127.1'],
  ['fe80::1%eth0', 'invalid', 'invalid IP address: fe80::1%eth0: an address with a zone is of one link alone'],
  ['::1', 'unsupported', 'a port cannot be published on ::1'],
])('ports are not published on %s', (address, code, message) => {
  expect(() => publishedAddress(address)).toThrow(
    expect.objectContaining({ code, message: expect.stringContaining(message) as string }),
  );
});
