import { beforeEach, describe, expect, it } from 'vitest';
import { newId } from '#lib/common';
import { NodeNames, type Network, type OverlayPeer } from '#lib/domain';
import { FakeHost } from '#lib/host';
import type { DriverContext } from '../driver.js';
import { kernelView } from '../kernel-view.js';
import { changed, contextOn, network } from '../testing/fixtures.js';
import { overlayDriver } from './overlay-driver.js';

const names = new NodeNames(newId());
const one: OverlayPeer = { mac: '02:00:00:00:00:01', ipv4: '10.0.1.7', vtep: '192.0.2.2' };
const two: OverlayPeer = { mac: '02:00:00:00:00:02', ipv4: '10.0.1.8', vtep: '192.0.2.3' };
const id = newId();
const wide = (peers: OverlayPeer[], options: Network['options'] = {}): Network =>
  network(names, 'wide', ['10.0.1.0/24'], {
    id,
    driver: 'overlay',
    options,
    overlay: { vni: 4097, local: '192.0.2.1', port: 4789, peers },
  });

describe('the overlay driver', () => {
  let host: FakeHost;
  let context: DriverContext;
  const tunnel = names.ofNetwork('x', id);
  const link = (name: string) => host.links().find((each) => each.name === name);

  beforeEach(async () => {
    host = new FakeHost();
    context = contextOn(host, names);
    await host.ip([
      ['link', 'add', 'name', 'up0', 'type', 'bridge'],
      ['addr', 'add', '192.0.2.1/24', 'dev', 'up0'],
      ['link', 'set', 'dev', 'up0', 'up'],
    ]);
  });

  it('makes a bridge and a VXLAN device 50 bytes smaller than what carries them', async () => {
    await overlayDriver.ensureNetwork(wide([one]), context);
    expect(link(tunnel)).toMatchObject({ kind: 'vxlan', up: true, master: names.bridge(id), mtu: 1450 });
    expect(link(names.bridge(id))).toMatchObject({ kind: 'bridge', mtu: 1450, addresses: ['10.0.1.1/24'] });
    expect(host.ran.map(({ line }) => line)).toContain(
      `link add name ${tunnel} mtu 1450 type vxlan id 4097 local 192.0.2.1 dstport 4789 nolearning proxy`,
    );
    expect(overlayDriver.networkReady(wide([one]), kernelView(context))).toBe(true);
  });

  it('takes the MTU that is asked for', async () => {
    await overlayDriver.ensureNetwork(wide([], { 'com.docker.network.driver.mtu': '1300' }), context);
    expect([link(tunnel)?.mtu, link(names.bridge(id))?.mtu]).toEqual([1300, 1300]);
  });

  it('knows exactly the peers that there are, also after one has moved and one has gone', async () => {
    await overlayDriver.ensureNetwork(wide([one, two]), context);
    const moved = { ...one, vtep: '192.0.2.9' };
    const before = host.ran.length;
    await overlayDriver.ensureNetwork(wide([moved]), context);
    expect(host.forwarding(tunnel)).toEqual([
      { table: 'tunnel', mac: one.mac, to: '192.0.2.9' },
      { table: 'bridge', mac: one.mac },
      { table: 'neighbour', mac: one.mac, to: '10.0.1.7' },
    ]);
    // The links are left alone.
    expect(host.ran.slice(before)).toEqual([]);
  });

  it('says which address is missing on a node without its data path address', async () => {
    await host.ip([['addr', 'del', '192.0.2.1/24', 'dev', 'up0']]);
    await expect(overlayDriver.ensureNetwork(wide([]), context)).rejects.toThrow(
      'network wide: no link of this node has its data path address 192.0.2.1',
    );
    expect(host.links().map(({ name }) => name)).toEqual(['lo', 'up0']);
  });

  it.each([
    ['is absent', undefined],
    ['is down', { up: false }],
    ['is in no bridge', { master: undefined }],
    ['is of another kind', { kind: 'veth' }],
  ])('a network is not ready whose VXLAN device %s', async (_, change) => {
    await overlayDriver.ensureNetwork(wide([]), context);
    expect(overlayDriver.networkReady(wide([]), changed(kernelView(context), tunnel, change))).toBe(false);
  });

  it('removes what is there and nothing else, any number of times', async () => {
    await overlayDriver.ensureNetwork(wide([one]), context);
    for (let round = 0; round < 2; round++) await overlayDriver.removeNetwork(wide([one]), context);
    expect(host.links().map(({ name }) => name)).toEqual(['lo', 'up0']);
  });
});
