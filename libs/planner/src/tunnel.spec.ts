import { describe, expect, it } from 'vitest';
import { digestOf } from '#lib/common';
import type { Network, Observed, TunnelPeer } from '#lib/domain';
import { plan } from './plan.js';
import { desired, names, network, observed } from './testing/fixtures.js';
import { tunnelOf } from './tunnel.js';

const peer = (n: number): TunnelPeer => ({
  publicKey: `key${n}`,
  presharedKey: 'sealed',
  endpoint: `192.0.2.${n}:4799`,
  address: `fd00:1:0:1::${n}`,
});

function overlay(name: string, peers: TunnelPeer[] | undefined, target: Network['target'] = 'present'): Network {
  const encryption = peers && { address: 'fd00:1:0:1::1', underlay: '192.0.2.1', port: 4799, peers };
  const overlay = { vni: 4097, local: '192.0.2.1', port: 4789, peers: [], ...(encryption && { encryption }) };
  return network(name, { id: name.padEnd(25, '0'), driver: 'overlay', pools: [], overlay, target });
}

const planned = (networks: Network[], seen: Partial<Observed> = {}) =>
  plan(desired({ networks }), observed(seen)).steps;

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
