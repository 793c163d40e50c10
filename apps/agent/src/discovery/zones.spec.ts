import { describe, expect, it } from 'vitest';
import { NodeNames, type IpamPool, type Network, type ObservedLink } from '#lib/domain';
import type { Store } from '#lib/store';
import { discoveryState } from './zones.js';

const names = new NodeNames('0123456789abcdef'.repeat(4));
const eth0: ObservedLink = {
  index: 2,
  name: 'eth0',
  kind: '',
  up: true,
  mac: '52:54:00:12:34:56',
  mtu: 1500,
  addresses: ['10.9.9.9/24', '192.168.1.10/24', 'fe80::1/64', '2001:db8::10/64'],
};
const SEGMENT: IpamPool = { subnet: '192.168.1.0/24', gateway: '192.168.1.1' };
const SEGMENT6: IpamPool = { subnet: '2001:db8::/64', gateway: '2001:db8::1' };

function gatewayOf(more: Partial<Network>, uplink: ObservedLink | undefined = eth0): string | undefined {
  const network: Network = {
    id: 'f'.repeat(64),
    name: 'lan',
    driver: 'l2bridge',
    pools: [SEGMENT],
    internal: false,
    attachable: true,
    enableIPv4: true,
    enableIPv6: false,
    options: {},
    labels: {},
    linkName: 'lan',
    uplink: 'eth0',
    createdAt: '2026-01-01T00:00:00Z',
    target: 'present',
    ...more,
  };
  const view = {
    get: () => undefined,
    list: (kind: string) => (kind === 'network' ? [network] : []),
  } as Pick<Store, 'get' | 'list'>;
  const links = new Map(uplink ? [[uplink.name, uplink]] : []);
  const defaults = { dns: [], dnsSearch: [], dnsOptions: [], node: { search: [], options: [] } };
  return discoveryState(view, new Map(), new Set(), names, defaults, links).zones[0]?.gateway;
}

describe("the node's address on a network", () => {
  it.each(['transparent', 'l2bridge', 'l2tunnel'] as const)(
    'is its own on the segment, not the router: %s',
    (driver) => {
      expect(gatewayOf({ driver })).toBe('192.168.1.10');
    },
  );

  it('is its first one where it has none in the subnet', () => {
    expect(gatewayOf({ pools: [{ subnet: '192.0.2.0/24', gateway: '192.0.2.1' }] })).toBe('10.9.9.9');
    expect(gatewayOf({ driver: 'transparent', pools: [] })).toBe('10.9.9.9');
  });

  it('is an IPv6 one where the network has nothing else', () => {
    expect(gatewayOf({ enableIPv4: false, enableIPv6: true, pools: [SEGMENT6] })).toBe('2001:db8::10');
    expect(gatewayOf({ enableIPv6: true, pools: [SEGMENT, SEGMENT6] })).toBe('192.168.1.10');
  });

  it.each([
    ['in a VLAN', { vlan: 11 }, eth0],
    ['on an internal network of a segment driver', { internal: true, uplink: undefined }, eth0],
    ['where the uplink has no address', {}, { ...eth0, addresses: ['fe80::1/64'] }],
    ['where the uplink is gone', {}, { ...eth0, name: 'eth7' }],
  ] as const)('is none %s', (_, more, uplink) => {
    expect(gatewayOf(more, uplink as ObservedLink)).toBe('');
  });

  it.each(['nat', 'overlay'] as const)('is the gateway behind the node, on internal networks too: %s', (driver) => {
    const pools = [{ subnet: '172.20.0.0/24', gateway: '172.20.0.1' }];
    expect(gatewayOf({ driver, pools, uplink: undefined })).toBe('172.20.0.1');
    expect(gatewayOf({ driver, pools, uplink: undefined, internal: true })).toBe('172.20.0.1');
  });
});
