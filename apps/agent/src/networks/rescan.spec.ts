import { describe, expect, it } from 'vitest';
import { NodeNames, type Network, type ObservedLink } from '#lib/domain';
import { daemonConfig } from '#lib/contracts';
import { decide } from './rescan.js';
import type { Surroundings } from './surroundings.js';

const id = 'ab'.repeat(32);
const names = new NodeNames(id);
const link = (name: string, more: Partial<ObservedLink> = {}): ObservedLink => ({
  index: 1,
  name,
  kind: '',
  up: true,
  mac: '52:00:00:00:00:01',
  mtu: 1500,
  addresses: [],
  ...more,
});
const network = (name: string, more: Partial<Network>): Network => ({
  id: name.padEnd(64, '0'),
  name,
  driver: 'transparent',
  pools: [],
  internal: false,
  attachable: false,
  enableIPv4: true,
  enableIPv6: false,
  options: {},
  labels: {},
  linkName: names.bridge(name.padEnd(64, '0')),
  createdAt: '',
  target: 'present',
  ...more,
});
const around = (links: ObservedLink[], networks: Network[], route = 'eth0'): Surroundings => ({
  node: { id, names, config: daemonConfig({}) },
  networks,
  links: [link('lo'), ...links],
  routes: [{ destination: '0.0.0.0/0', gateway: '192.0.2.254', link: route }],
  now: '',
});

describe('a rescan', () => {
  it('changes nothing where nothing changed, and shows who uses what', () => {
    const lan = network('lan', { uplink: 'eth0' });
    const ten = network('ten', {
      uplink: 'eth0',
      vlan: 10,
      options: { 'com.docker.network.windowsshim.vlanid': '10' },
    });
    const { changes, result } = decide(around([link('eth0', { addresses: ['192.0.2.1/24'] })], [lan, ten]), { names });
    expect(changes).toEqual([]);
    expect(result).toEqual({
      uplinks: [{ name: 'eth0', kind: '', up: true, addresses: ['192.0.2.1/24'], networks: ['lan', 'ten (VLAN 10)'] }],
      networks: [
        { name: 'lan', uplink: 'eth0' },
        { name: 'ten', uplink: 'eth0' },
      ],
    });
  });

  it('moves a network to the bridge that took its uplink, and back', () => {
    const bridged = [link('eth0', { master: 'br0' }), link('br0', { kind: 'bridge', index: 2 })];
    const moved = decide(around(bridged, [network('lan', { uplink: 'eth0' })], 'br0'), { names });
    expect(moved.result.networks).toEqual([{ name: 'lan', uplink: 'br0', was: 'eth0' }]);
    expect(moved.changes).toMatchObject([{ op: 'put', kind: 'network', value: { name: 'lan', uplink: 'br0' } }]);
    const back = decide(around([link('eth0')], [network('lan', { uplink: 'br0' })]), { names });
    expect(back.result.networks).toEqual([{ name: 'lan', uplink: 'eth0', was: 'br0' }]);
  });

  it('moves no network to a tunnel that took the default route', () => {
    const tunnel = link('wg0', { kind: 'wireguard', mac: '' });
    const { changes, result } = decide(around([link('eth0'), tunnel], [network('lan', { uplink: 'eth0' })], 'wg0'), {
      names,
    });
    expect(changes).toEqual([]);
    expect(result.uplinks.map(({ name }) => name)).toEqual(['eth0']);
    expect(result.networks).toEqual([
      { name: 'lan', uplink: 'eth0', problem: expect.stringContaining('wg0 is no Ethernet interface (wireguard)') },
    ]);
  });

  it('moves a network into the VLAN that its parent names when the link of that name is gone', () => {
    const lan = network('lan', { uplink: 'eth0.7', options: { parent: 'eth0.7' } });
    const { changes, result } = decide(around([link('eth0')], [lan]), { names });
    expect(result.networks).toEqual([{ name: 'lan', uplink: 'eth0', was: 'eth0.7' }]);
    expect(changes).toMatchObject([{ value: { name: 'lan', uplink: 'eth0', vlan: 7 } }]);
  });

  it('says what is wrong with a network that finds no uplink, and leaves it as it is', () => {
    const lan = network('lan', { uplink: 'eth9', options: { 'com.docker.network.windowsshim.interface': 'eth9' } });
    const { changes, result } = decide(around([link('eth0')], [lan]), { names });
    expect(changes).toEqual([]);
    expect(result.networks).toEqual([
      { name: 'lan', uplink: 'eth9', problem: 'network lan: no interface eth9 on this node; there are: eth0' },
    ]);
  });
});
