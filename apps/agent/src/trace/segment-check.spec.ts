import { describe, expect, it } from 'vitest';
import type { TraceFacts } from './facts.js';
import { from, known, sockets } from './testing/trace-facts.js';
import { trace } from './trace.js';

describe('on a physical segment', () => {
  const DIRECT = [{ destination: '192.168.7.0/24', link: 'eth0' }];
  const ROUTED = [{ destination: '0.0.0.0/0', gateway: '192.168.7.1', link: 'eth0' }];
  const INPUT = [{ chain: { family: 'ip', table: 'filter', name: 'INPUT', hook: 'input', prio: 0, policy: 'drop' } }];
  const NODE = { to: '192.168.7.9', port: 22, nodeListeners: sockets('0.0.0.0 22') };
  const on = (
    driver: string,
    facts: Partial<TraceFacts>,
    others = [known('db', { at: { [driver]: '192.168.7.51' } })],
  ) => trace(from(others, { routes: DIRECT, ...facts }, known('web', { at: { [driver]: '192.168.7.50' } })));

  it.each([
    ['lan', 'br-lan'],
    ['wire', 'eth0'],
    ['tunnel', 'eth0'],
  ])('what the node lets in counts on %s as well', (network, iif) => {
    expect(on(network, NODE)).toMatchObject({ reached: true });
    expect(on(network, { ...NODE, ruleset: INPUT }).checks.at(-1)).toMatchObject({
      about: 'rules',
      state: 'no',
      says: expect.stringContaining('the policy of chain ip filter INPUT drops it'),
      advice: expect.stringContaining(`nft add rule ip filter INPUT iifname ${iif} accept`),
    });
  });

  it.each<[string, string, Partial<TraceFacts>, string]>([
    ['two containers by l2tunnel', 'tunnel', { to: '192.168.7.51' }, 'the physical switch has to send it back'],
    ['the node by l2tunnel', 'tunnel', NODE, 'the physical switch has to send it back'],
    ['the node from a VLAN, by a router', 'tagged', { ...NODE, routes: ROUTED }, '192.168.7.1 has to route between'],
    ['an address of the node elsewhere', 'lan', { ...NODE, to: '10.1.0.1', routes: ROUTED }, 'is not on eth0'],
  ])('%s: others decide', (_what, network, facts, says) => {
    const { reached, checks } = on(network, facts);
    expect(reached, JSON.stringify(checks)).toBe(true);
    expect(checks).toContainEqual({ about: 'network', state: 'unseen', says: expect.stringContaining(says) });
  });

  it('nothing leads from a VLAN to its node', () => {
    expect(on('tagged', NODE).checks.at(-1)).toEqual({
      about: 'network',
      state: 'no',
      says: 'tagged is in VLAN 7 of eth0, and this node with 192.168.7.9 is not: nothing leads from one to the other',
      advice: expect.stringContaining('docker network connect NETWORK web'),
    });
  });

  it.each<[string, string, Partial<TraceFacts>, string, RegExp]>([
    [
      'a router',
      'lan',
      { to: '9.9.9.9', routes: ROUTED },
      '192.168.7.1',
      /MAC address spoofing.*Wi-Fi.*or use l2bridge/,
    ],
    ['a neighbour', 'lan', { to: '192.168.7.77' }, '192.168.7.77', /MAC address spoofing/],
    [
      'a router',
      'wire',
      { to: '9.9.9.9', routes: ROUTED },
      '192.168.7.1',
      /^check that 192.168.7.1 is up and on this segment$/,
    ],
    ['a router in a VLAN', 'tagged', { to: '9.9.9.9', routes: ROUTED }, '192.168.7.1', /a trunk with VLAN 7/],
  ])('%s that does not answer is said, on %s', (_what, network, facts, hop, advice) => {
    const silent = { ...facts, unanswered: [{ link: 'eth0', address: hop }] };
    expect(on(network, silent).checks).toContainEqual({
      about: 'route',
      state: 'unseen',
      says: `nobody on the segment of eth0 answered web for ${hop} when it asked last`,
      advice: expect.stringMatching(advice),
    });
    const others = {
      ...facts,
      unanswered: [
        { link: 'eth1', address: hop },
        { link: 'eth0', address: '192.168.7.3' },
      ],
    };
    expect(on(network, others)).toMatchObject({ reached: true });
  });

  it('no bridge filter is between two containers without a bridge between them', () => {
    const ruleset = [{ chain: { family: 'bridge', table: 'f', name: 'F', hook: 'forward', prio: 0, policy: 'drop' } }];
    expect(on('lan', { to: '192.168.7.51', ruleset })).toMatchObject({ reached: true });
    expect(on('wire', { to: '192.168.7.51', ruleset })).toMatchObject({ reached: false });
  });
});
