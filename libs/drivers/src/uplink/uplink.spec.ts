import { describe, expect, it } from 'vitest';
import { newId } from '#lib/common';
import { NodeNames, type Network, type NetworkRequest, type ObservedLink, type ObservedRoute } from '#lib/domain';
import type { NodeView } from '../driver.js';
import { network } from '../testing/fixtures.js';
import { chooseUplink, uplinksOf } from './choose-uplink.js';
import { placeOnUplink } from './place-on-uplink.js';

const SHIM = 'com.docker.network.windowsshim.';
const names = new NodeNames(newId());
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
const byDefault = (name: string): ObservedRoute => ({ destination: '0.0.0.0/0', gateway: '192.0.2.254', link: name });
const node = (more: Partial<NodeView> = {}): NodeView => ({
  names,
  links: [
    link('lo'),
    link('eth0', { addresses: ['192.0.2.1/24', '2001:db8::1/64', 'fe80::1/64'] }),
    link('eth1'),
    link(`${names.linkPrefix}b12345678`, { kind: 'bridge' }),
  ],
  routes: [byDefault('eth0')],
  networks: [],
  ...more,
});
const ask = (options: Record<string, string> = {}, subnets: string[] = [], more: Partial<Network> = {}) =>
  network(names, 'lan', [], {
    driver: 'transparent',
    options: Object.fromEntries(Object.entries(options).map(([key, value]) => [SHIM + key, value])),
    pools: subnets.map((subnet) => ({ subnet })) as Network['pools'],
    ...more,
  });
const placed = (request: NetworkRequest, around = node()) =>
  placeOnUplink(request, chooseUplink(request, around).link, around);

describe('the uplink', () => {
  it('is the one that the option names, else that of the default route', () => {
    expect(chooseUplink(ask(), node()).link.name).toBe('eth0');
    expect(chooseUplink(ask({ interface: 'eth1' }), node()).link.name).toBe('eth1');
    const v6 = node({ routes: [{ destination: '::/0', gateway: 'fe80::9', link: 'eth1' }] });
    expect(chooseUplink(ask(), v6).link.name).toBe('eth1');
  });

  it.each([
    [{ interface: 'eth7' }, {}, 'network lan: no interface eth7 on this node; there are: eth0 and eth1'],
    [{ interface: 'lo' }, {}, 'network lan: interface lo leads nowhere outside this node; there are: eth0 and eth1'],
    [{ interface: `${names.linkPrefix}b12345678` }, {}, /leads nowhere outside this node/],
    [
      {},
      { links: [link('e"th0')], routes: [byDefault('e"th0')] },
      'network lan: interface e"th0: expected a link name: 1 to 15 letters',
    ],
    [
      {},
      { routes: [] },
      /there is no default route to tell the uplink by; name the interface with -o .*interface=NAME/,
    ],
  ])('%j is refused', (options, around, message) => {
    expect(() => chooseUplink(ask(options), node(around))).toThrow(message);
  });

  describe('by the parent of Docker’s macvlan', () => {
    const asked = (parent: string, options: Record<string, string> = {}) => {
      const { options: shim, ...request } = ask(options);
      return { ...request, options: { ...shim, parent } };
    };
    const place = (request: NetworkRequest, around = node()) => {
      const { uplink, vlan } = placed(request, around);
      return [uplink, vlan];
    };

    it('is that interface, and what stands behind a point is the VLAN', () => {
      expect(place(asked('eth1'))).toEqual(['eth1', undefined]);
      expect(place(asked('eth1.50'))).toEqual(['eth1', 50]);
      expect(place(asked('eth1', { vlanid: '60' }))).toEqual(['eth1', 60]);
      expect(place(asked('eth1.50', { interface: 'eth1', vlanid: '50' }))).toEqual(['eth1', 50]);
    });

    it('is the link of that very name where there is one', () => {
      const links = [...node().links, link('eth1.50', { kind: 'vlan' })];
      expect(place(asked('eth1.50'), node({ links }))).toEqual(['eth1.50', undefined]);
    });

    it.each([
      [asked('eth7'), 'network lan: no interface eth7 on this node; there are: eth0 and eth1'],
      [asked('eth7.50'), 'network lan: no interface eth7 on this node'],
      [asked('eth1.4095'), 'network lan: no interface eth1.4095 on this node'],
      [asked('eth1', { interface: 'eth0' }), /option parent=eth1 is another place than .*interface and .*vlanid say/],
      [asked('eth1.50', { vlanid: '60' }), /option parent=eth1.50 is another place/],
    ])('is refused where it is not one: %j', (request, message) => {
      expect(() => place(request)).toThrow(message);
    });
  });

  it('is the port where a network of ours carries the default route for it', () => {
    const taken = ask({}, [], { uplink: 'eth1', linkName: 'lanbr' });
    const links = [link('eth0'), link('eth1', { master: 'lanbr' }), link('lanbr', { kind: 'bridge' })];
    const around = node({ links, networks: [taken], routes: [byDefault('lanbr')] });
    expect(chooseUplink(ask(), around)).toEqual({ link: links[1] });
    expect(uplinksOf(around).map(({ name }) => name)).toEqual(['eth0', 'eth1']);
  });

  const wg0 = link('wg0', { kind: 'wireguard', mac: '', addresses: ['10.8.0.2/24'] });
  const ppp0 = link('ppp0', { mac: '' });
  const gre0 = link('gre0', { kind: 'gre', mac: '00:00:00:00' });

  it('is that of the next default route where one leaves by a link without Ethernet', () => {
    const links = [wg0, ppp0, gre0, link('eth0'), link('eth1')];
    const around = node({ links, routes: [wg0, ppp0, gre0, link('eth1')].map(({ name }) => byDefault(name)) });
    expect(chooseUplink(ask(), around).link.name).toBe('eth1');
    expect(uplinksOf(around).map(({ name }) => name)).toEqual(['eth0', 'eth1']);
  });

  it('is never a link without Ethernet, and those that can be are named', () => {
    const around = node({
      links: [wg0, ppp0, link('vrf1', { kind: 'vrf' }), link('eth0')],
      routes: [byDefault('wg0')],
    });
    expect(() => chooseUplink(ask({ interface: 'ppp0' }), around)).toThrow(
      "network lan: interface ppp0 is no Ethernet interface (it has no MAC): it carries no containers' MACs; there are: eth0",
    );
    expect(() => chooseUplink(ask({ interface: 'vrf1' }), around)).toThrow(/vrf1 is no Ethernet interface \(vrf\)/);
    expect(() => chooseUplink(ask(), around)).toThrow(
      /the default route leaves by wg0, and wg0 is no Ethernet interface \(wireguard\).*interface=NAME; there are: eth0/,
    );
  });

  it("goes through somebody else's bridge, whether the port or the bridge is named", () => {
    const links = [link('eth0', { master: 'br0' }), link('br0', { kind: 'bridge' })];
    const around = node({ links, routes: [byDefault('br0')] });
    expect(chooseUplink(ask({ interface: 'eth0' }), around)).toEqual({ link: links[0], bridge: links[1] });
    expect(chooseUplink(ask(), around)).toEqual({ link: links[1], bridge: links[1] });
  });

  it('is refused with the ways out where it is held by what cannot be shared', () => {
    const links = [link('eth0', { master: 'ovs-system' }), link('ovs-system', { kind: 'openvswitch' })];
    expect(() => chooseUplink(ask(), node({ links }))).toThrow(
      /eth0 is a port of ovs-system \(openvswitch\).*take it out of ovs-system.*skep network rescan.*windowsshim.interface=NAME/,
    );
  });
});

describe('a network on an uplink', () => {
  it('is refused beside another one there, unless the VLAN differs', () => {
    const networks = [ask({}, [], { name: 'first', uplink: 'eth0' })];
    expect(() => placed(ask(), node({ networks }))).toThrow(
      /^network lan: interface eth0 is in use by network first: one network for each interface and VLAN/,
    );
    expect(placed(ask({ vlanid: '10' }), node({ networks }))).toMatchObject({ uplink: 'eth0', vlan: 10 });
    expect(placed(ask({ interface: 'eth1' }), node({ networks }))).toMatchObject({ uplink: 'eth1' });
    const tagged = [ask({}, [], { name: 'ten', uplink: 'eth0', vlan: 10 })];
    expect(() => placed(ask({ vlanid: '10' }), node({ networks: tagged }))).toThrow(/in use by network ten in VLAN 10/);
    const leaving = [ask({}, [], { name: 'old', uplink: 'eth0', target: 'removed' })];
    expect(placed(ask(), node({ networks: leaving }))).toMatchObject({ uplink: 'eth0' });
  });

  it('takes a port and its bridge for one segment', () => {
    const links = [link('eth0', { master: 'br0' }), link('br0', { kind: 'bridge' })];
    const networks = [ask({}, [], { name: 'first', uplink: 'eth0' })];
    expect(() => placed(ask(), node({ links, networks, routes: [byDefault('br0')] }))).toThrow(
      /in use by network first/,
    );
  });

  it("gets the node's own router as its gateway where it is part of the subnet", () => {
    const { pools, warnings } = placed(ask({}, ['192.0.2.0/24']));
    expect([pools, warnings]).toEqual([[{ subnet: '192.0.2.0/24', gateway: '192.0.2.254' }], []]);
    expect(placed(ask({ vlanid: '5' }, ['192.0.2.0/24'])).pools).toEqual([{ subnet: '192.0.2.0/24' }]);
  });

  it('may have the subnet that the node is in by another interface, and says by which one the node reaches it', () => {
    expect(placed(ask({ interface: 'eth1' }, ['192.0.2.0/24'])).warnings).toEqual([
      'network lan: this node is in 192.0.2.0/24 by eth0, and not by eth1: it reaches the containers by eth0, if both interfaces are on the same physical network',
    ]);
    expect(placed(ask({ interface: 'eth1' }, ['10.1.0.0/16'])).warnings).toEqual([]);
  });

  it("warns where the subnet or the gateway is not the segment's", () => {
    expect(placed(ask({}, ['10.1.0.0/16'])).warnings).toEqual([
      'network lan: subnet 10.1.0.0/16 is not that of eth0 (192.0.2.1/24): containers are reached only if the physical network carries both',
    ]);
    expect(placed(ask({}, ['192.0.2.0/25'])).warnings).toHaveLength(1);
    expect(placed(ask({}, ['2001:db8::/64'])).warnings).toEqual([]);
    const pools = [{ subnet: '192.0.2.0/24', gateway: '192.0.2.9' }];
    expect(placed(ask({}, [], { pools })).warnings).toEqual([
      'network lan: gateway 192.0.2.9 is not the router that this node uses there (192.0.2.254)',
    ]);
    expect(placed(ask({ vlanid: '5' }, ['10.1.0.0/16'])).warnings).toEqual([]);
  });
});
