import { describe, expect, it } from 'vitest';
import type { Packet } from './match.js';
import { PacketFilter } from './verdict.js';

const PACKET: Packet = {
  iif: 'br-front',
  oif: 'eth0',
  from: '10.1.0.2',
  to: '9.9.9.9',
  protocol: 'tcp',
  port: 80,
  dnat: false,
};
const match = (left: object, right: unknown, op = '==') => ({ match: { op, left, right } });
const meta = (key: string, right: unknown, op?: string) => match({ meta: { key } }, right, op);
const field = (protocol: string, name: string, right: unknown, op?: string) =>
  match({ payload: { protocol, field: name } }, right, op);
const UDP_PORT = { payload: { protocol: 'udp', field: 'dport' } };
const ct = (key: string, right: unknown) => match({ ct: { key } }, right, 'in');
const [ACCEPT, DROP, RETURN] = [{ accept: null }, { drop: null }, { return: null }];

/** Table `ip filter` with a base chain, other chains, and a set. */
const listing = (rules: object[][], { policy = 'accept', other = [] as object[][] } = {}) => {
  const of = (chain: string, all: object[][]) =>
    all.map((expr, n) => ({ rule: { family: 'ip', table: 'filter', chain, handle: n + 1, expr } }));
  return [
    { metainfo: {} },
    { table: { family: 'ip', name: 'filter' } },
    {
      set: { family: 'ip', table: 'filter', name: 'mine', elem: ['1.2.3.4', { prefix: { addr: '10.0.0.0', len: 8 } }] },
    },
    { set: { family: 'ip', table: 'filter', name: 'pairs', elem: [{ concat: ['br-front', 'eth0'] }] } },
    { chain: { family: 'ip', table: 'filter', name: 'FORWARD', hook: 'forward', prio: 0, policy } },
    { chain: { family: 'ip', table: 'filter', name: 'other' } },
    ...of('FORWARD', rules),
    ...of('other', other),
  ];
};
const decided = (rules: object[][], more = {}, packet = PACKET) =>
  new PacketFilter(listing(rules, more)).verdictOf('forward', ['ip', 'inet'], packet);
const BY_POLICY = { at: 'ip filter FORWARD' };

describe('what a packet comes to', () => {
  it.each<[string, object[][], object, object]>([
    ['no rules', [], {}, { is: 'passes' }],
    ['a policy', [], { policy: 'drop' }, { is: 'dropped', ...BY_POLICY }],
    [
      'an answer is let through, a first packet is not',
      [[ct('state', ['established', 'related']), ACCEPT]],
      { policy: 'drop' },
      { is: 'dropped', ...BY_POLICY },
    ],
    ['a new one is let through', [[ct('state', ['new', 'established']), ACCEPT]], { policy: 'drop' }, { is: 'passes' }],
    [
      'by its links',
      [[meta('iifname', 'br-*'), meta('oifname', { set: ['eth0', 'eth1'] }), ACCEPT]],
      { policy: 'drop' },
      { is: 'passes' },
    ],
    ['by another link', [[meta('iifname', 'docker0'), ACCEPT]], { policy: 'drop' }, { is: 'dropped', ...BY_POLICY }],
    ['by a set of prefixes', [[field('ip', 'saddr', '@mine'), DROP]], {}, { is: 'dropped', ...BY_POLICY, handle: 1 }],
    [
      'by a set of pairs',
      [[match({ concat: [{ meta: { key: 'iifname' } }, { meta: { key: 'oifname' } }] }, '@pairs'), DROP]],
      {},
      { is: 'dropped', ...BY_POLICY, handle: 1 },
    ],
    [
      'by its port',
      [[field('tcp', 'dport', { set: [22, { range: [70, 90] }] }), { counter: {} }, DROP]],
      {},
      { is: 'dropped', ...BY_POLICY, handle: 1 },
    ],
    [
      'by a range of addresses',
      [[field('ip', 'daddr', { range: ['9.9.9.0', '9.9.9.8'] }), DROP]],
      {},
      { is: 'passes' },
    ],
    [
      'by another protocol',
      [
        [field('udp', 'dport', 80), DROP],
        [field('ip6', 'daddr', '::1'), DROP],
      ],
      {},
      { is: 'passes' },
    ],
    [
      'by what only packets of another protocol are not',
      [
        [field('udp', 'dport', 53, '!='), DROP],
        [field('icmp', 'type', 'echo-request', '!='), DROP],
        [field('ip6', 'saddr', 'fd00::1', '!='), DROP],
        [field('arp', 'operation', 'request', '!='), DROP],
        [match({ concat: [UDP_PORT, { meta: { key: 'mark' } }] }, { set: [{ concat: [53, 7] }] }, '!='), DROP],
      ],
      {},
      { is: 'passes' },
    ],
    [
      'by a protocol that it is not',
      [
        [meta('l4proto', 'tcp', '!='), DROP],
        [meta('l4proto', 'udp', '!='), DROP],
      ],
      {},
      { is: 'dropped', ...BY_POLICY, handle: 2 },
    ],
    [
      'a drop by what is not known of its frame',
      [[field('ether', 'saddr', '02:00:00:00:00:01'), DROP]],
      {},
      { is: 'perhaps', ...BY_POLICY, handle: 1 },
    ],
    [
      'a drop by bytes of it',
      [[match({ payload: { base: 'th', offset: 96, len: 24 } }, 7), DROP]],
      {},
      { is: 'perhaps', ...BY_POLICY, handle: 1 },
    ],
    [
      'by what it is not',
      [[field('ip', 'daddr', '8.8.8.8', '!='), { reject: null }]],
      {},
      { is: 'dropped', ...BY_POLICY, handle: 1 },
    ],
    [
      'by a chain that is jumped to',
      [[{ jump: { target: 'other' } }], [ACCEPT]],
      { other: [[DROP]] },
      { is: 'dropped', at: 'ip filter other', handle: 1 },
    ],
    [
      'a chain that returns',
      [[{ jump: { target: 'other' } }], [ACCEPT]],
      { policy: 'drop', other: [[RETURN], [DROP]] },
      { is: 'passes' },
    ],
    ['what is translated', [[ct('status', 'dnat'), ACCEPT]], { policy: 'drop' }, { is: 'dropped', ...BY_POLICY }],
    [
      'a drop that asks for more than is known',
      [[{ xt: { type: 'match' } }, DROP]],
      {},
      { is: 'perhaps', ...BY_POLICY, handle: 1 },
    ],
    [
      'an accept that asks for more before a policy',
      [[meta('mark', 7), ACCEPT]],
      { policy: 'drop' },
      { is: 'perhaps', ...BY_POLICY },
    ],
    ['an accept that asks for more', [[meta('mark', 7), ACCEPT]], {}, { is: 'passes' }],
  ])('%s', (_what, rules, more, expected) => {
    expect(decided(rules, more)).toEqual(expected);
  });

  it('is decided by every base chain of the hook, and by no other', () => {
    const both = [
      ...listing([[ACCEPT]]),
      { chain: { family: 'inet', table: 'guard', name: 'fw', hook: 'forward', prio: 10, policy: 'drop' } },
    ];
    expect(new PacketFilter(both).verdictOf('forward', ['ip', 'inet'], PACKET)).toEqual({
      is: 'dropped',
      at: 'inet guard fw',
    });
    expect(new PacketFilter(both).verdictOf('input', ['ip', 'inet'], PACKET)).toEqual({ is: 'passes' });
    expect(new PacketFilter(both).verdictOf('forward', ['ip6'], PACKET)).toEqual({ is: 'passes' });
  });
});
