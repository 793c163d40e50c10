import { describe, expect, it } from 'vitest';
import type { Container } from '#lib/domain';
import type { Change } from '#lib/store';
import { Rows, up } from './testing/up.js';

const yaml = `
name: shop
services:
  web:
    image: demo
    scale: 2
    networks: { front: {} }
  db:
    image: demo
    networks: { front: { ipv4_address: 172.20.0.2 } }
networks:
  front: { ipam: { config: [{ subnet: 172.20.0.0/24 }] } }
`;
const addresses = (containers: readonly Container[]) =>
  Object.fromEntries(containers.map((each) => [each.name, each.endpoints[0]?.ipv4]));

describe('an up gives addresses', () => {
  describe('to containers that were stopped', () => {
    const stopped = (containers: readonly Container[]) =>
      containers.map((each): Change => ({ op: 'put', kind: 'container', value: { ...each, target: 'stopped' } }));

    it('gives other addresses in the place of those that somebody asked for meanwhile', async () => {
      const first = await up(yaml, new Rows());
      const rows = new Rows().apply(first.changes).apply(stopped(first.containers));
      const [web] = first.containers.filter(({ name }) => name === 'shop-web-1');
      const other: Container = { ...web!, id: 'other', name: 'other', project: undefined, target: 'running' };
      rows.apply([{ op: 'put', kind: 'container', value: other }]);
      const { containers } = await up(yaml, rows);
      expect(addresses(containers)).toEqual({
        'shop-db-1': '172.20.0.2',
        'shop-web-1': '172.20.0.5',
        'shop-web-2': '172.20.0.4',
      });
      const again = containers.find(({ name }) => name === 'shop-web-1')!.endpoints[0]!;
      expect(again).toEqual({ ...web!.endpoints[0]!, ipv4: '172.20.0.5' });
    });

    it('gives no address twice, also where a new one asks for it in the same request', async () => {
      const first = await up(yaml, new Rows());
      const rows = new Rows().apply(first.changes).apply(stopped(first.containers));
      const { containers } = await up(yaml.replace('ipv4_address: 172.20.0.2', 'ipv4_address: 172.20.0.3'), rows);
      // What the old one has rests: somebody may still know it by its name.
      expect(addresses(containers)).toEqual({
        'shop-db-1': '172.20.0.3',
        'shop-web-1': '172.20.0.5',
        'shop-web-2': '172.20.0.4',
      });
    });

    it('gives what one of them asked for to that one, and not to another one that had it first', async () => {
      const first = await up(yaml, new Rows());
      const rows = new Rows().apply(first.changes).apply(stopped(first.containers));
      const [web] = first.containers.filter(({ name }) => name === 'shop-web-1');
      const endpoints = [{ ...web!.endpoints[0]!, ipv4: '172.20.0.2' }];
      rows.apply(stopped([{ ...web!, endpoints }]));
      const { containers } = await up(yaml, rows);
      expect(addresses(containers)).toEqual({
        'shop-db-1': '172.20.0.2',
        'shop-web-1': '172.20.0.3',
        'shop-web-2': '172.20.0.4',
      });
    });

    it('refuses an address that was asked for, with its holder', async () => {
      const first = await up(yaml, new Rows());
      const rows = new Rows().apply(first.changes).apply(stopped(first.containers));
      const [db] = first.containers.filter(({ name }) => name === 'shop-db-1');
      const other: Container = { ...db!, id: 'other', name: 'other', project: undefined, target: 'running' };
      rows.apply([{ op: 'put', kind: 'container', value: other }]);
      await expect(up(yaml, rows)).rejects.toThrow(
        'Address already in use: 172.20.0.2 of container shop-db-1 was given to container other while it was stopped',
      );
    });
  });

  describe('while others leave', () => {
    it('gives a new container the address of the one in whose place it comes, and no other one of these', async () => {
      const small = yaml.replace('172.20.0.0/24', '172.20.0.0/29');
      const rows = new Rows().apply((await up(small, new Rows(), { scale: { web: 4 } })).changes);
      const { containers } = await up(small, rows, { scale: { web: 4 }, forceRecreate: true, services: ['web'] });
      expect(addresses(containers)).toMatchObject({
        'shop-web-1': '172.20.0.3',
        'shop-web-2': '172.20.0.4',
        'shop-web-3': '172.20.0.5',
        'shop-web-4': '172.20.0.6',
      });
    });

    it('lets addresses rest of what is not replaced, and of what is on its way already', async () => {
      const rows = new Rows().apply((await up(yaml, new Rows())).changes);
      const [web] = rows.list('container').filter(({ name }) => name === 'shop-web-1');
      const old: Container = { ...web!, id: 'old', project: undefined, target: 'removed' };
      old.endpoints = [{ ...web!.endpoints[0]!, ipv4: '172.20.0.5' }];
      rows.apply([{ op: 'put', kind: 'container', value: old }]);
      const renamed = yaml.replace('  web:', '  site:');
      const { containers } = await up(renamed, rows, { removeOrphans: true });
      expect(addresses(containers)).toEqual({
        'shop-db-1': '172.20.0.2',
        'shop-site-1': '172.20.0.6',
        'shop-site-2': '172.20.0.7',
      });
    });

    it('gives an address that rests to who asks for it', async () => {
      const rows = new Rows().apply((await up(yaml, new Rows())).changes);
      const asking = yaml.replace('  web:', '  site:').replace('172.20.0.2 }', '172.20.0.4 }');
      const { containers } = await up(asking, rows, { removeOrphans: true });
      expect(addresses(containers)).toMatchObject({ 'shop-db-1': '172.20.0.4', 'shop-site-1': '172.20.0.5' });
    });
  });
});

describe('mac_address of a service', () => {
  const MAC = '02:42:ac:11:65:43';
  const macs = async (rest: string, networks = '') => {
    const text = `name: s\nservices: {a: {image: demo, mac_address: "${MAC}", ${rest}}}\nnetworks: {${networks}}\n`;
    const { containers, changes } = await up(text, new Rows());
    const names = new Map(
      changes.flatMap((each) =>
        each.kind === 'network' && each.op === 'put' ? [[each.value.id, each.value.name]] : [],
      ),
    );
    return Object.fromEntries(
      containers[0]!.endpoints.map(({ networkId, mac }) => [names.get(networkId) ?? '', mac === MAC]),
    );
  };

  it.each([
    ['networks: [z, b]', { s_b: true, s_z: false }],
    ['networks: {z: {priority: 1}, b: {}}', { s_b: false, s_z: true }],
    ['networks: {z: {}, b: {priority: -1}}', { s_b: false, s_z: true }],
    [`networks: {b: {mac_address: "${MAC}"}, z: {mac_address: "02:42:ac:11:65:99"}}`, { s_b: true, s_z: false }],
    ['networks: {z: {}}', { s_z: true }],
  ])('is for the main network: %s', async (rest, expected) => {
    expect(await macs(rest, 'b: {}, z: {}')).toEqual(expected);
  });

  it('is for the default network and for that of network_mode: bridge', async () => {
    expect(await macs('')).toEqual({ s_default: true });
    const rows = new Rows().apply(
      (await up('name: nat\nservices: {a: {image: demo, networks: [n]}}\nnetworks: {n: {name: nat}}', new Rows()))
        .changes,
    );
    const { containers } = await up(
      `name: s\nservices: {a: {image: demo, mac_address: "${MAC}", network_mode: bridge}}`,
      rows,
    );
    expect(containers.map(({ endpoints }) => endpoints.map(({ mac }) => mac))).toEqual([[MAC]]);
  });

  it.each([
    [
      'networks: {b: {mac_address: "02:42:ac:11:65:99"}}',
      'services.a: the service-level mac_address should have the same value as network b',
    ],
    ['network_mode: host', 'services.a: conflicting options: mac-address and the network mode'],
    ['network_mode: "container:other"', 'services.a: conflicting options: mac-address and the network mode'],
  ])('is refused with %s', async (rest, message) => {
    await expect(macs(rest, 'b: {}')).rejects.toThrow(message);
  });
});
