import { expect, it } from 'vitest';
import type { Container } from './container.js';
import { networkSysctls, straySysctl } from './sysctls.js';

const asking = (sysctls: Record<string, string>, ...names: string[]) =>
  ({
    networkMode: 'bridged',
    spec: { Image: 'demo', HostConfig: { Sysctls: sysctls } },
    endpoints: names.map((ifName) => ({ ifName })),
  }) as unknown as Container;

it.each([
  ['net.ipv4.ip_forward', 'net/ipv4/ip_forward', undefined],
  ['net.ipv4.conf.all.rp_filter', 'net/ipv4/conf/all/rp_filter', undefined],
  ['net.ipv4.conf.default.rp_filter', 'net/ipv4/conf/default/rp_filter', undefined],
  ['net.ipv6.conf.lo.disable_ipv6', 'net/ipv6/conf/lo/disable_ipv6', undefined],
  ['net.ipv6.conf.eth0.accept_ra', 'net/ipv6/conf/eth0/accept_ra', 'eth0'],
  ['net.ipv4.neigh.eth0.100.retrans_time_ms', 'net/ipv4/neigh/eth0.100/retrans_time_ms', 'eth0.100'],
  ['net.mpls.conf.eth1.input', 'net/mpls/conf/eth1/input', 'eth1'],
])('%s', (key, path, link) => {
  expect(networkSysctls(asking({ [key]: '1' }))).toEqual([{ path, value: '1', ...(link && { link }) }]);
});

it('others are the engine’s', () => {
  expect(networkSysctls(asking({ 'kernel.msgmax': '1', 'network.x': '1' }))).toEqual([]);
});

it('is told of where no interface has that name', () => {
  const sysctls = { 'net.ipv4.ip_forward': '1', 'net.ipv4.conf.eth1.log_martians': '1' };
  expect(straySysctl(asking(sysctls, 'eth0', 'eth1'))).toBeUndefined();
  expect(straySysctl(asking(sysctls, 'eth0', 'lan0'))).toBe(
    'sysctl net/ipv4/conf/eth1/log_martians = 1: the container has no interface eth1; its interfaces are eth0, lan0',
  );
  expect(straySysctl(asking(sysctls))).toContain('it has none');
  expect(straySysctl({ ...asking(sysctls), networkMode: 'host' })).toBeUndefined();
});
