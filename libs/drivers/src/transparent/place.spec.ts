import { describe, expect, it } from 'vitest';
import { newId } from '#lib/common';
import { NodeNames, type NetworkRequest, type ObservedLink } from '#lib/domain';
import type { NodeView } from '../driver.js';
import { place } from './place.js';

const SHIM = 'com.docker.network.windowsshim.';
const names = new NodeNames(newId());
const eth0: ObservedLink = {
  index: 2,
  name: 'eth0',
  kind: '',
  up: true,
  mac: '52:00:00:00:00:01',
  mtu: 1500,
  addresses: ['192.0.2.1/24'],
};
const around: NodeView = {
  names,
  links: [eth0],
  routes: [{ destination: '0.0.0.0/0', gateway: '192.0.2.254', link: 'eth0' }],
  networks: [],
};
const ask = (more: Partial<NetworkRequest> = {}): NetworkRequest => ({
  name: 'lan',
  driver: 'transparent',
  pools: [],
  internal: false,
  attachable: false,
  enableIPv4: true,
  enableIPv6: false,
  options: {},
  labels: {},
  ...more,
});

describe('the place of a transparent network', () => {
  it('is the uplink, with the addresses of its segment', () => {
    expect(place(ask(), around)).toEqual({ uplink: 'eth0', subnets: 'segment', pools: [], warnings: [] });
    expect(place(ask({ options: { [`${SHIM}vlanid`]: '11' } }), around)).toMatchObject({ uplink: 'eth0', vlan: 11 });
  });

  it('says that its containers reach each other also where they are not to', () => {
    const warnings = (value: string) =>
      place(ask({ options: { 'com.docker.network.bridge.enable_icc': value } }), around).warnings;
    expect(warnings('false')).toEqual([expect.stringContaining('enable_icc has no effect here')]);
    expect(warnings('true')).toEqual([]);
  });

  it('is one that Wi-Fi lets nothing through to, which is said', () => {
    const isWireless = (name: string) => name === 'eth0';
    const wifi = { ...around, isWireless };
    expect(place(ask(), wifi).warnings).toEqual([
      expect.stringMatching(/^network lan: interface eth0 is wireless, .*l2bridge uses the node's MAC$/),
    ]);
    expect(place(ask({ internal: true }), wifi).warnings).toEqual([]);
  });

  it('says that ports of its containers are published nowhere, whatever address they are meant for', () => {
    const options = { 'com.docker.network.bridge.host_binding_ipv4': '127.0.0.1' };
    expect(place(ask({ options }), around).warnings).toEqual([expect.stringContaining('has no effect here')]);
  });

  it('is in the mode of macvlan in which its containers reach each other, and in no other', () => {
    const mode = (macvlan_mode: string) => place(ask({ options: { macvlan_mode } }), around);
    expect(mode('bridge').warnings).toEqual([]);
    expect(() => mode('vepa')).toThrow(
      expect.objectContaining({ code: 'unsupported', message: expect.stringContaining('option macvlan_mode=vepa') }),
    );
    expect(() => mode('bridged')).toThrow('option macvlan_mode=bridged: expected bridge');
  });

  it('is nowhere for an internal one, which no interface can be named for', () => {
    expect(place(ask({ internal: true }), around)).toEqual({ subnets: 'own', pools: [], warnings: [] });
    expect(() => place(ask({ internal: true, options: { [`${SHIM}interface`]: 'eth0' } }), around)).toThrow(
      'option com.docker.network.windowsshim.interface cannot be used with driver transparent: an internal network is on no interface',
    );
    expect(() => place(ask({ internal: true, options: { parent: 'eth0' } }), around)).toThrow('option parent');
  });

  it('is the port below the bridge where the VLAN makes a link of its own', () => {
    const bridged = {
      ...around,
      links: [
        { ...eth0, master: 'br0' },
        { ...eth0, index: 3, name: 'br0', kind: 'bridge' },
      ],
    };
    expect(place(ask(), bridged)).toMatchObject({ uplink: 'br0' });
    expect(place(ask({ options: { [`${SHIM}vlanid`]: '11', [`${SHIM}interface`]: 'eth0' } }), bridged)).toMatchObject({
      uplink: 'eth0',
      vlan: 11,
    });
  });

  it('refuses an interface that there is not with those that there are, however it is spelled', () => {
    for (const name of ['eth7', 'Ethernet 2']) {
      expect(() => place(ask({ options: { [`${SHIM}interface`]: name } }), around)).toThrow(
        new RegExp(`network lan: no interface ${name} on this node; there are: eth0`),
      );
    }
  });

  it('refuses an MTU that the interface does not carry, and IPv6 without a subnet', () => {
    expect(() => place(ask({ options: { 'com.docker.network.driver.mtu': '9000' } }), around)).toThrow(
      'network lan: MTU 9000 is more than interface eth0 carries: 1500 at most',
    );
    expect(() => place(ask({ enableIPv6: true }), around)).toThrow(/IPv6 needs a subnet of the physical network/);
    expect(place(ask({ enableIPv6: true, pools: [{ subnet: '2001:db8::/64' }] }), around).pools).toHaveLength(1);
  });

  it('warns of options that do nothing there', () => {
    expect(place(ask({ options: { [`${SHIM}enable_outboundnat`]: 'true' } }), around).warnings).toEqual([
      'network lan: option com.docker.network.windowsshim.enable_outboundnat has no effect with driver transparent: containers of a transparent network are not behind this node',
    ]);
  });
});
