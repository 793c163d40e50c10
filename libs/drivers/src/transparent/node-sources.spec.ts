import { describe, expect, it } from 'vitest';
import { NodeNames, type Network, type ObservedLink } from '#lib/domain';
import { network } from '../testing/fixtures.js';
import { nodeSources } from './node-sources.js';

const names = new NodeNames('0123456789abcdef'.repeat(4));
const lan = (more: Partial<Network> = {}) =>
  network(names, 'lan', ['192.0.2.0/24'], { driver: 'transparent', uplink: 'eth1', linkName: 'lan', ...more });
const sources = (on: Network, uplink: Partial<ObservedLink> = {}) => {
  const addresses = ['198.51.100.7/24', '192.0.2.1/24', '2001:db8::1/64'];
  const eth1 = { index: 3, name: 'eth1', kind: '', up: true, mac: '', mtu: 1500, addresses, ...uplink };
  return nodeSources([on], names, new Map([[eth1.name, eth1]])).map(({ network, address }) => [network.name, address]);
};

describe('the address by which the node speaks on the link of a transparent network', () => {
  it('is the one in its subnet, or else its first on the uplink', () => {
    expect(sources(lan())).toEqual([['lan', '192.0.2.1']]);
    expect(sources(lan({ pools: [] }))).toEqual([['lan', '198.51.100.7']]);
  });

  it.each([
    ['the node has none there', {}, { addresses: ['2001:db8::1/64'] }],
    ['the uplink is gone', {}, { name: 'eth7' }],
    ['the network is in a VLAN, where a router leads', { vlan: 11 }, {}],
    ['the network is on no uplink', { uplink: undefined, internal: true }, {}],
    ['a bridge with an address leads to its containers', {}, { kind: 'bridge' }],
    ['another driver has the uplink itself', { driver: 'l2bridge' as const }, {}],
  ])('is nobody’s to say where %s', (_, more, uplink) => {
    expect(sources(lan(more), uplink)).toEqual([]);
  });
});
