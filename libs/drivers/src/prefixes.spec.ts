import { expect, it } from 'vitest';
import { widest } from './prefixes.js';

it.each([
  ['one inside another', ['10.1.0.0/16', '10.0.0.0/8', '10.2.3.4/32'], ['10.0.0.0/8']],
  ['the same twice', ['10.0.0.0/8', '10.0.0.0/8'], ['10.0.0.0/8']],
  ['the same in two spellings', ['10.0.0.1/8', '10.0.0.0/8', 'FD00:0::/8', 'fd00::/8'], ['10.0.0.0/8', 'fd00::/8']],
  ['neighbours', ['10.0.0.0/9', '10.128.0.0/9'], ['10.0.0.0/9', '10.128.0.0/9']],
  ['everything', ['192.0.2.0/24', '0.0.0.0/0', 'fd00::/8'], ['0.0.0.0/0', 'fd00::/8']],
  ['none', [], []],
])('the widest of %s', (_what, prefixes, expected) => expect(widest(prefixes)).toEqual(expected));
