import { expect, it } from 'vitest';
import type { DaemonConfig } from '#lib/contracts';
import type { Network } from '#lib/domain';
import { contradiction } from './default-network.js';

const nat = { pools: [{ subnet: '172.30.0.0/24' }, { subnet: 'fd00:5e::/64' }] } as Network;
const said = (config: Partial<DaemonConfig>) => contradiction(nat, config as DaemonConfig);

it('is content with what it has, however its prefix is spelled', () => {
  expect(said({})).toBeUndefined();
  expect(said({ fixedCidr: '172.30.0.0/24', fixedCidrV6: 'FD00:005e:0::/64' })).toBeUndefined();
});

it('says what is set and not so', () => {
  expect(said({ fixedCidr: '172.30.1.0/24' })).toBe('fixed-cidr is 172.30.1.0/24 in the daemon configuration');
  expect(said({ fixedCidrV6: 'fd00:5f::/64' })).toBe('fixed-cidr-v6 is fd00:5f::/64 in the daemon configuration');
  expect(said({ bridge: 'none' })).toContain('bridge is "none"');
});
