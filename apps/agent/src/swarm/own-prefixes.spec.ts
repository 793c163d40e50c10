import { expect, it } from 'vitest';
import { newId } from '#lib/common';
import { NodeNames, type Network, type ObservedLink } from '#lib/domain';
import type { Surroundings } from '../networks/surroundings.js';
import { ownPrefixes } from './own-prefixes.js';

const names = new NodeNames(newId());
const link = (name: string, ...addresses: string[]) => ({ name, addresses }) as ObservedLink;
const network = (name: string, driver: Network['driver'], subnet: string) =>
  ({
    name,
    driver,
    target: 'present',
    linkName: names.bridge(name),
    pools: [{ subnet, gateway: '' }],
  }) as unknown as Network;

it('names links, routes and the node’s own networks once each, and nothing of the swarm or of a default route in halves', () => {
  const around = {
    node: { names },
    networks: [network('nat', 'nat', '172.31.240.0/20'), network('wide', 'overlay', '10.0.1.0/24')],
    links: [
      link('eth0', '192.0.2.5/24'),
      link('tun0', '10.8.0.2/24'),
      link(names.bridge('wide'), '10.0.1.1/24'),
      link('lo', '127.0.0.1/8'),
    ],
    routes: [
      { destination: '0.0.0.0/0', link: 'eth0' },
      { destination: '0.0.0.0/1', link: 'tun0' },
      { destination: '128.0.0.0/1', link: 'tun0' },
      { destination: '8000::/1', link: 'tun0' },
      { destination: '192.0.2.0/24', link: 'eth0' },
      { destination: '10.7.0.0/16', link: 'eth0' },
      { destination: '10.0.1.0/24', link: names.bridge('wide') },
    ],
    now: '',
  } as unknown as Surroundings;
  expect(ownPrefixes(around)).toEqual([
    { cidr: '192.0.2.0/24', by: 'link eth0' },
    { cidr: '10.8.0.0/24', by: 'link tun0' },
    { cidr: '10.7.0.0/16', by: 'a route by eth0' },
    { cidr: '172.31.240.0/20', by: 'network nat' },
  ]);
});
