import { describe, expect, it } from 'vitest';
import { endpointOptions, linkLocalOf } from './endpoint-options.js';

const SYSCTLS = 'com.docker.network.endpoint.sysctls';
const known = (path: string) => path === '/proc/sys/net/ipv4/conf/default/log_martians';

describe('driver options of an attachment', () => {
  it('are kept, the name of the link and its sysctls are taken out', () => {
    const options = {
      'com.docker.network.endpoint.ifname': 'lan0',
      [SYSCTLS]: 'net.ipv4.conf.IFNAME.log_martians=1',
      colour: 'red',
    };
    expect(endpointOptions(options, known)).toEqual({
      driverOptions: options,
      ifName: 'lan0',
      sysctls: { 'ipv4/conf/IFNAME/log_martians': '1' },
    });
    expect(endpointOptions({}, known)).toEqual({});
  });

  it('are taken in small letters, as the docker CLI sends them for services', () => {
    const sysctls = { 'ipv4/conf/IFNAME/log_martians': '1' };
    expect(endpointOptions({ [SYSCTLS]: 'net.ipv4.conf.ifname.log_martians=1' }, known)).toMatchObject({ sysctls });
  });

  it.each([
    ['net.ipv4.conf.eth0.log_martians=1', 'expected net.FAMILY.conf.IFNAME.KEY=VALUE'],
    ['net.ipv4.conf.IFNAME.log_martians', 'expected net.FAMILY.conf.IFNAME.KEY=VALUE'],
    ['net.ipv4.conf.IFNAME.../../x=1', 'expected net.FAMILY.conf.IFNAME.KEY=VALUE'],
    ['net.ipv4.conf.IFNAME.nope=1', 'this kernel does not have it'],
  ])('%s: %s', (sysctl, why) => {
    expect(() => endpointOptions({ [SYSCTLS]: sysctl }, known)).toThrow(why);
  });
});

describe('link-local addresses', () => {
  it('are as the kernel writes them', () => {
    expect(linkLocalOf(['169.254.3.4', 'FE80:0::5'])).toEqual(['169.254.3.4', 'fe80::5']);
    expect(linkLocalOf([])).toBeUndefined();
  });

  it.each(['10.0.0.1', '2001:db8::1', 'x'])('are not %s', (address) => {
    expect(() => linkLocalOf([address])).toThrow('expected one of 169.254.0.0/16 or fe80::/10');
  });
});
