import { describe, expect, it } from 'vitest';
import { newId } from '#lib/common';
import type { Container, Network } from '#lib/domain';
import type { Change, Kind, Kinds } from '#lib/store';
import { node, Rows, up } from './testing/up.js';

describe('a network that the file asks for otherwise', () => {
  const yaml = `
name: shop
services:
  web: { image: demo, networks: { front: { ipv4_address: 172.20.0.2 } } }
  db: { image: demo, networks: [front, back] }
  log: { image: demo, networks: [back] }
networks:
  front: { driver_opts: { com.docker.network.bridge.name: shop0 }, ipam: { config: [{ subnet: 172.20.0.0/24 }] } }
  back: { labels: { tier: one } }
`;
  const isSealed = yaml.replace('front: { driver_opts', 'front: { internal: true, driver_opts');
  const running = async () => new Rows().apply((await up(yaml, new Rows())).changes);
  const puts = <K extends Kind>(changes: Change[], kind: K) =>
    changes.flatMap((change) => (change.op === 'put' && change.kind === kind ? [change.value as Kinds[K]] : []));
  const named = (rows: Rows, name: string) => rows.list('network').find((each) => each.name === name) as Network;

  it('is made anew with what it had, once it is gone, and so are the containers on it alone', async () => {
    const rows = await running();
    const before = named(rows, 'shop_front');
    const { changes, containers } = await up(
      isSealed,
      rows,
      {},
      {
        surroundings: {
          node,
          networks: rows.list('network'),
          links: [
            { index: 9, name: 'shop0', kind: 'bridge', up: true, mac: '', mtu: 1500, addresses: ['172.20.0.1/24'] },
          ],
          routes: [],
          now: '2026-01-02T00:00:00.000Z',
        },
      },
    );
    const [gone, made, ...more] = puts(changes, 'network');
    expect(more).toEqual([]);
    expect(gone).toEqual({ ...before, target: 'removed' });
    expect(made).toMatchObject({
      name: 'shop_front',
      internal: true,
      linkName: 'shop0',
      pools: before.pools,
      follows: [before.id],
      target: 'present',
    });
    expect(made?.id).not.toBe(before.id);
    expect(puts(changes, 'container').map((each) => `${each.name} ${each.target}`)).toEqual([
      'shop-web-1 removed',
      'shop-db-1 removed',
      'shop-web-1 running',
      'shop-db-1 running',
    ]);
    const web = containers.find((each) => each.service === 'web');
    expect(web?.endpoints).toMatchObject([{ networkId: made?.id, ipv4: '172.20.0.2' }]);
    const again = await up(isSealed, rows.apply(changes));
    expect(again.changes.map((change) => change.kind)).toEqual(['project']);
  });

  it.each([
    ['enable_ipv6: true', 'back: {', 'back: { enable_ipv6: true,'],
    ['a subnet', 'back: {', 'back: { ipam: { config: [{ subnet: 172.29.0.0/24 }] },'],
    ['another subnet', '[{ subnet: 172.20.0.0/24 }]', '[{ subnet: 172.20.0.0/25 }]'],
    ['driver_opts', 'back: {', 'back: { driver_opts: { com.docker.network.driver.mtu: 1400 },'],
  ])('is one with %s', async (_, from, to) => {
    const { changes } = await up(yaml.replace(from, to), await running());
    expect(puts(changes, 'network').map(({ target }) => target)).toEqual(['removed', 'present']);
  });

  it('is none with another attachable, as other clients ask for it, which means nothing on a node', async () => {
    const rows = await running();
    const before = named(rows, 'shop_back');
    rows.apply([{ op: 'put', kind: 'network', value: { ...before, attachable: true } }]);
    expect((await up(yaml, rows)).changes.slice(1)).toEqual([{ op: 'put', kind: 'network', value: before }]);
  });

  it('is none with other labels, which it is given', async () => {
    const rows = await running();
    const { changes } = await up(yaml.replace('tier: one', 'tier: two'), rows);
    const before = named(rows, 'shop_back');
    expect(changes.slice(1)).toEqual([
      { op: 'put', kind: 'network', value: { ...before, labels: { ...before.labels, tier: 'two' } } },
    ]);
  });

  it('is none because an older version did not write down which subnets were asked for', async () => {
    const rows = await running();
    const { asked: _asked, ...old } = named(rows, 'shop_front');
    rows.apply([{ op: 'put', kind: 'network', value: old }]);
    expect((await up(yaml, rows)).changes.map((change) => change.kind)).toEqual(['project']);
    expect(puts((await up(isSealed, rows)).changes, 'network')).toHaveLength(2);
  });

  it('is refused, with what differs, while a container stays on it', async () => {
    const rows = await running();
    await expect(up(isSealed, rows, { services: ['web'] })).rejects.toThrow(
      'network shop_front is asked for otherwise (internal: false → true) and has to be made anew, but this up does not make ' +
        'anew what is attached to it: shop-db-1: bring up all services',
    );
    await expect(up(isSealed, rows, { noRecreate: true })).rejects.toThrow('shop-web-1 and shop-db-1');
    const web = rows.list('container')[0] as Container;
    const guest = { ...web, id: newId(), name: 'guest', project: undefined, target: 'stopped' as const };
    rows.apply([{ op: 'put', kind: 'container', value: guest }]);
    await expect(up(isSealed, rows)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('remove or disconnect guest first (docker network disconnect shop_front NAME)'),
    });
  });

  it('may take the subnet of another one that changes too', async () => {
    const swapped = (a: string, b: string) => `
name: s
services: { web: { image: demo, networks: [one, two] } }
networks:
  one: { ipam: { config: [{ subnet: ${a} }] } }
  two: { ipam: { config: [{ subnet: ${b} }] } }
`;
    const rows = new Rows().apply((await up(swapped('172.20.1.0/24', '172.20.2.0/24'), new Rows())).changes);
    const ids = rows.list('network').map(({ id: each }) => each);
    const { changes } = await up(swapped('172.20.2.0/24', '172.20.1.0/24'), rows);
    const made = puts(changes, 'network').filter(({ target }) => target === 'present');
    expect(made.map(({ name, pools }) => [name, pools[0]?.subnet])).toEqual([
      ['s_one', '172.20.2.0/24'],
      ['s_two', '172.20.1.0/24'],
    ]);
    expect(made.map(({ follows }) => follows)).toEqual([ids, ids]);
  });
});
