import { describe, expect, it } from 'vitest';
import { addressPoolsOf } from './address-pools.js';

describe('the pools of swarm init', () => {
  it.each([
    [[], undefined, [['10.0.0.0/8', 24]]],
    [
      ['10.20.0.0/16', '10.30.0.0/16'],
      26,
      [
        ['10.20.0.0/16', 26],
        ['10.30.0.0/16', 26],
      ],
    ],
    [
      ['fd00:1::/48', '10.20.0.0/16'],
      26,
      [
        ['fd00:1::/48', 64],
        ['10.20.0.0/16', 26],
      ],
    ],
  ] as const)('%j in /%s', (pools, length, expected) => {
    expect(addressPoolsOf(pools, length).map(({ base, size }) => [base, size])).toEqual(expected);
  });

  it.each([
    [['10.20.0.0'], 24, '--default-addr-pool: 10.20.0.0 is not a prefix'],
    [['10.20.0.1/16'], 24, 'it should be 10.20.0.0/16'],
    [['10.20.0.0/16'], 12, '--default-addr-pool 10.20.0.0/16 cannot be cut into /12s'],
    [['10.20.0.0/16'], 30, '--default-addr-pool-mask-length 16 to 29 is possible'],
    [['10.0.0.0/8', '10.20.0.0/16'], 24, '--default-addr-pool 10.20.0.0/16 overlaps --default-addr-pool 10.0.0.0/8'],
  ] as const)('refuses %j in /%s', (pools, length, said) => {
    expect(() => addressPoolsOf(pools, length)).toThrow(said);
  });
});
