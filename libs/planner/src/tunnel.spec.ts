import { describe, expect, it } from 'vitest';
import { digestOf } from '#lib/common';
import { NodeNames, type Network, type Observed, type TunnelPeer } from '#lib/domain';
import type { Desired } from './desired.js';
import { plan } from './plan.js';
import { tunnelOf } from './tunnel.js';

const names = new NodeNames('ab'.repeat(32));
const peer = (n: number): TunnelPeer => ({
  publicKey: `key${n}`,
  presharedKey: 'sealed',
  endpoint: `192.0.2.${n}:4799`,
  address: `fd00:1:0:1::${n}`,
});

function overlay(name: string, peers: TunnelPeer[] | undefined, target: Network['target'] = 'present'): Network {
  const id = name.padEnd(25, '0');
  const encryption = peers && { address: 'fd00:1:0:1::1', underlay: '192.0.2.1', port: 4799, peers };
  return {
    id,
    name,
    driver: 'overlay',
    pools: [],
    internal: false,
    attachable: false,
    enableIPv4: true,
    enableIPv6: false,
    options: {},
    labels: {},
    linkName: names.bridge(id),
    overlay: { vni: 4097, local: '192.0.2.1', port: 4789, peers: [], ...(encryption && { encryption }) },
    createdAt: '',
    target,
  };
}

function planned(networks: Network[], observed: Partial<Observed> = {}) {
  const nothing = { containers: [], volumes: [], statuses: new Map(), translations: new Map() };
  const desired: Desired = { names, networks, ...nothing, now: 0 };
  return plan(desired, {
    networks: new Set(),
    endpoints: new Set(),
    links: [],
    netns: new Set(),
    sandboxes: new Map(),
    containers: new Map(),
    volumes: new Set(),
    translations: new Map(),
    rulesCurrent: true,
    ...observed,
  } as Observed).steps;
}

describe('the tunnel of the encrypted networks', () => {
  it('knows the peers of all of them, each once, in an order of its own', () => {
    const both = [overlay('one', [peer(3), peer(2)]), overlay('two', [peer(2), peer(4)]), overlay('open', undefined)];
    expect(tunnelOf(both)?.peers).toEqual([peer(2), peer(3), peer(4)]);
    expect(tunnelOf([overlay('gone', [peer(2)], 'removed'), overlay('open', undefined)])).toBeUndefined();
  });

  it('comes before encrypted networks, and others do not wait for it', () => {
    const steps = planned([overlay('secret', [peer(2)]), overlay('open', undefined)]);
    const after = Object.fromEntries(steps.map((each) => [each.id.split('0')[0], each.after]));
    expect(after).toEqual({
      'tunnel.ensure node': [],
      'network.ensure secret': ['tunnel.ensure node'],
      'network.ensure open': [],
    });
  });

  it('is left alone while it is as wanted, and goes as a stray after the last such network', () => {
    const secret = overlay('secret', [peer(2)]);
    const there = { networks: new Set([secret.id]), links: [names.tunnel], tunnel: digestOf(tunnelOf([secret])) };
    expect(planned([secret], there)).toEqual([]);
    const leaving = planned([{ ...secret, target: 'removed' }], there);
    expect(leaving.map(({ kind }) => kind)).toEqual(['network.remove']);
    expect(planned([], there)).toMatchObject([{ kind: 'link.discard', link: names.tunnel }]);
  });
});
