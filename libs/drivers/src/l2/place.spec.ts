import { describe, expect, it } from 'vitest';
import { newId } from '#lib/common';
import { NodeNames, type NetworkRequest, type ObservedLink } from '#lib/domain';
import type { NodeView } from '../driver.js';
import { network } from '../testing/fixtures.js';
import { grantMac } from './endpoint.js';
import { place } from './place.js';

const SHIM = 'com.docker.network.windowsshim.';
const names = new NodeNames(newId());
const link = (name: string, more: Partial<ObservedLink> = {}): ObservedLink => ({
  index: 1,
  name,
  kind: '',
  up: true,
  mac: '52:54:00:12:34:56',
  mtu: 1500,
  addresses: [],
  ...more,
});
const around: NodeView = {
  names,
  links: [link('lo'), link('eth0', { addresses: ['192.0.2.1/24', '2001:db8::1/64', 'fe80::1/64'] }), link('eth1')],
  routes: [{ destination: '0.0.0.0/0', gateway: '192.0.2.254', link: 'eth0' }],
  networks: [],
};
const V4 = { subnet: '192.0.2.0/24', gateway: '192.0.2.254' };
const V6 = { subnet: '2001:db8::/64', gateway: '2001:db8::254' };
const ask = (more: Partial<NetworkRequest>): NetworkRequest => ({
  ...network(names, 'lan', []),
  driver: 'l2bridge',
  pools: [V4],
  ...more,
});

describe('an l2bridge network', () => {
  it('goes to the uplink with the subnet and the gateway of its segment', () => {
    expect(place(ask({}), around)).toEqual({ uplink: 'eth0', subnets: 'segment', pools: [V4], warnings: [] });
    const elsewhere = place(ask({ options: { [`${SHIM}interface`]: 'eth1', [`${SHIM}vlanid`]: '7' } }), around);
    expect(elsewhere).toMatchObject({ uplink: 'eth1', vlan: 7 });
  });

  it.each([
    ['no subnet', { pools: [] }, 'IPv4'],
    ['no gateway', { pools: [{ subnet: V4.subnet }] }, 'IPv4'],
    ['no subnet for IPv6', { enableIPv6: true }, 'IPv6'],
    ['no gateway for IPv6', { pools: [V4, { subnet: V6.subnet }] }, 'IPv6'],
  ])('is refused with %s, and told what the node knows of the segment', (_, more: Partial<NetworkRequest>, family) => {
    const known = family === 'IPv4' ? 'address 192.0.2.1/24, router 192.0.2.254' : 'address 2001:db8::1/64';
    expect(() => place(ask(more), around)).toThrow(
      `network lan: driver l2bridge needs a subnet and a gateway for ${family} (--subnet, --gateway, ipam.config), ` +
        `those of the physical network; this node's eth0 has ${known}`,
    );
  });

  it('may have IPv6 alone', () => {
    expect(place(ask({ enableIPv4: false, enableIPv6: true, pools: [V6] }), around).pools).toEqual([V6]);
  });

  it('goes through the bridge that holds the uplink, because the segment is there', () => {
    const held: NodeView = {
      ...around,
      links: [link('eth0', { master: 'br0' }), link('br0', { kind: 'bridge', addresses: ['192.0.2.1/24'] })],
    };
    expect(place(ask({ options: { [`${SHIM}interface`]: 'eth0' } }), held)).toMatchObject({ uplink: 'br0' });
  });

  it.each([
    ['9000', false, 'MTU 9000: expected 68 to 1500, which interface eth0 carries'],
    ['1000', true, 'MTU 1000: expected 1280 to 1500, which interface eth0 carries'],
  ])('is refused an MTU of %s (IPv6: %s)', (mtu, enableIPv6, message) => {
    const request = ask({ enableIPv6, pools: [V4, V6], options: { 'com.docker.network.driver.mtu': mtu } });
    expect(() => place(request, around)).toThrow(message);
  });

  it('is on no interface when it is internal; an internal tunnel makes no sense', () => {
    expect(place(ask({ internal: true, pools: [] }), around)).toEqual({ subnets: 'own', pools: [], warnings: [] });
    expect(() => place(ask({ internal: true, options: { [`${SHIM}interface`]: 'eth0' } }), around)).toThrow(
      'an internal network is on no interface',
    );
    expect(() => place(ask({ internal: true, driver: 'l2tunnel' }), around)).toThrow('connects nothing');
  });

  it('warns of options that belong to networks behind the node', () => {
    const { warnings } = place(ask({ options: { [`${SHIM}enable_outboundnat`]: 'false' } }), around);
    expect(warnings).toEqual([expect.stringContaining('enable_outboundnat has no effect with driver l2bridge')]);
  });
});

describe('the MAC of an endpoint', () => {
  const seed = '02:11:22:33:44:55';
  const v4 = { ...network(names, 'lan', ['192.0.2.0/24']), uplink: 'eth0' };
  const v6 = { ...network(names, 'lan', ['192.0.2.0/24', '2001:db8::/64']), uplink: 'eth0' };

  it('is free without IPv6', () => {
    expect(grantMac({ seed }, v4, around.links)).toBe(seed);
    expect(grantMac({ seed, asked: '02:00:00:00:00:01' }, v4, around.links)).toBe('02:00:00:00:00:01');
  });

  it("fits the uplink's with IPv6, and one that does not is refused with one that does", () => {
    const fitting = grantMac({ seed }, v6, around.links);
    expect(fitting.slice(0, 11)).toBe(seed.slice(0, 11));
    expect(grantMac({ seed, asked: fitting.toUpperCase() }, v6, around.links)).toBe(fitting);
    expect(() => grantMac({ seed, asked: seed }, v6, around.links)).toThrow(
      `network lan: MAC address ${seed}: with IPv6, nat has to choose it; nearest: ${fitting}`,
    );
  });
});
