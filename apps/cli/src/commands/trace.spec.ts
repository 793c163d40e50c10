import { expect, it } from 'vitest';
import { parseTarget } from './trace.js';

it.each([
  ['db', 'db', '', 'tcp'],
  ['db:5432', 'db', '5432', 'tcp'],
  ['10.0.0.1:53/udp', '10.0.0.1', '53', 'udp'],
  ['fd00::1', 'fd00::1', '', 'tcp'],
  ['[fd00::1]:80', 'fd00::1', '80', 'tcp'],
])('reads %s', (text, to, port, protocol) => {
  expect(parseTarget(text)).toEqual({ to, port, protocol });
});

it.each(['', 'db:', 'db:http', 'db:80/sctp', 'a:b:80', '[fd00::1'])('refuses %j', (text) => {
  expect(() => parseTarget(text)).toThrow('expected NAME, ADDRESS or [IPV6]');
});
