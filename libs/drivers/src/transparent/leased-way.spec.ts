import { expect, it } from 'vitest';
import type { ObservedLink, ObservedRoute } from '#lib/domain';
import { leadsToLease } from './leased-way.js';

const link = (name: string, ...addresses: string[]): ObservedLink => ({
  index: 1,
  name,
  kind: '',
  up: true,
  mac: '',
  mtu: 1500,
  addresses,
});
const uplink = link('eth0', '192.0.2.1/24', '2001:db8::1/64');
const routes: ObservedRoute[] = [
  { destination: '0.0.0.0/0', gateway: '192.0.2.254', link: 'eth0' },
  { destination: '198.51.100.0/24', gateway: '192.0.2.253', link: 'eth0' },
];
const node = {
  links: new Map([uplink, link('br0', '192.0.2.129/25')].map((each) => [each.name, each])),
  routes: () => routes,
  dhcp: { nameServers: () => ['127.0.0.53', '192.0.2.53'] },
};

it.each([
  ['192.0.2.10', true, 'one of the segment'],
  ['203.0.113.53', false, 'one of somewhere else'],
  ['192.0.2.254', false, "the node's router"],
  ['192.0.2.253', false, 'a router to one net'],
  ['192.0.2.53', false, "the node's name server"],
  ['192.0.2.1', false, "the node's own"],
  ['192.0.2.129', false, "the node's own by another link"],
  ['192.0.2.12', true, 'one that only begins as another'],
])('%s by DHCP leads to its container: %s (%s)', (address, leads) => {
  expect(leadsToLease(address, uplink, node)).toBe(leads);
});

it('nothing leads anywhere where the node is on no segment', () => {
  expect(leadsToLease('192.0.2.10', link('eth0', '2001:db8::1/64'), node)).toBe(false);
});
