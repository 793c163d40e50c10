import { describe, expect, it } from 'vitest';
import type { TraceFacts } from './facts.js';
import { answered, asked, from, hears, known, NEAR, PUBLISHED, WEB } from './testing/trace-facts.js';
import { trace } from './trace.js';

describe('a trace that finds nothing wrong', () => {
  it.each<[string, TraceFacts, string]>([
    ['by name', from(NEAR, { ...asked, listeners: hears('db', '0.0.0.0 80') }), 'db listens at 80/tcp'],
    ['by name, to a socket for both families', from(NEAR, { ...asked, listeners: hears('db', ':: 80') }), 'db listens'],
    ['without a port', from(NEAR, { answer: answered('10.1.0.3') }), 'containers of front may talk to each other'],
    [
      'by a published port',
      from(PUBLISHED, { to: '192.168.7.9', port: 8080, listeners: hears('db', '10.2.0.3 80') }),
      'db listens at 80/tcp',
    ],
    [
      'to the node',
      from([], { to: '192.168.7.9', port: 22, nodeListens: true }),
      'a process of this node listens at 22',
    ],
    ['outside', from([], { to: '9.9.9.9', port: 53 }), 'what listens at 9.9.9.9 is not seen from this node'],
    ['outside, without a port', from([], { to: '9.9.9.9' }), "web leaves front behind the node's address"],
    [
      'to itself',
      from([], { to: '127.0.0.1', port: 80, listeners: hears('web', '127.0.0.1 80') }),
      'web listens at 80',
    ],
    [
      'to the physical network of another container',
      from([known('db', { at: { wire: '192.168.7.50' } })], { to: '192.168.7.50' }),
      "web leaves front behind the node's address",
    ],
  ])('%s', (_what, facts, last) => {
    const { reached, checks } = trace(facts);
    expect(reached, JSON.stringify(checks)).toBe(true);
    expect(checks.map((check) => check.says)).toContainEqual(expect.stringContaining(last));
  });
});

describe('on a physical segment', () => {
  const DIRECT = [{ destination: '192.168.7.0/24', link: 'eth0' }];
  const ROUTED = [{ destination: '0.0.0.0/0', gateway: '192.168.7.1', link: 'eth0' }];
  const INPUT = [{ chain: { family: 'ip', table: 'filter', name: 'INPUT', hook: 'input', prio: 0, policy: 'drop' } }];
  const NODE = { to: '192.168.7.9', port: 22, nodeListens: true };
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

describe('the first thing that breaks', () => {
  const idle = [known('db', { at: { front: '10.1.0.3' }, state: 'exited' })];
  it.each<[string, TraceFacts, string, string, string]>([
    [
      'the asker does not run',
      from(NEAR, asked, known('web', { ...WEB, state: 'exited' })),
      'container',
      'web does not run: it ended with code 3',
      'docker start web',
    ],
    ['a name of nobody', from(NEAR, { to: 'dbb' }), 'name', 'nobody on this node is called dbb', 'did you mean db?'],
    [
      'no network together',
      from([known('db', { at: { back: '10.2.0.3' } })], { answer: answered() }),
      'network',
      'web and db share no network: web is on front, db is on back',
      'docker network connect back web',
    ],
    [
      'the same, by address',
      from([known('db', { at: { back: '10.2.0.3' } })], { to: '10.2.0.3' }),
      'network',
      'web and db share no network',
      'publish a port of db',
    ],
    ['a container that ended', from(idle, { answer: answered() }), 'container', 'db does not run', 'docker start db'],
    ['the same, by address', from(idle, { to: '10.1.0.3' }), 'container', 'db does not run', 'docker start db'],
    [
      'a paused one',
      from([known('db', { state: 'paused', at: { front: '10.1.0.3' } })], asked),
      'container',
      'paused',
      'docker unpause db',
    ],
    [
      'a name that is withheld',
      from(NEAR, { answer: { ...answered(), omitted: [{ what: 'db', why: 'unhealthy' }] } }),
      'name',
      'db is not answered: left out db: unhealthy',
      'wait until it is healthy',
    ],
    [
      'a container on the network of the node',
      from([known('db', { networkMode: 'host' })], { answer: answered() }),
      'network',
      "db uses the node's own network",
      "use this node's address: 192.168.7.9",
    ],
    [
      'an internal network',
      from(
        [],
        { to: '9.9.9.9', routes: [{ destination: '10.3.0.0/24', link: 'eth0' }] },
        known('web', { at: { dark: '10.3.0.2' } }),
      ),
      'route',
      'dark is internal',
      'docker network connect NETWORK web',
    ],
    [
      'no network at all',
      from([], { to: '9.9.9.9', routes: [] }, known('web', { networkMode: 'none' })),
      'route',
      'it is on no network',
      'docker network connect NETWORK web',
    ],
    ['IPv6 without IPv6', from([], { to: '2001:db8::1' }), 'route', 'front is without IPv6', 'use an IPv4 address'],
    [
      'no namespace',
      from(NEAR, { ...asked, routes: undefined }),
      'route',
      'no network namespace',
      'docker restart web',
    ],
    [
      'a network that keeps its containers apart',
      from(
        [known('db', { at: { apart: '10.4.0.3' } })],
        { to: '10.4.0.3', routes: [{ destination: '10.4.0.0/24', link: 'eth0' }] },
        known('web', { at: { apart: '10.4.0.2' } }),
      ),
      'rules',
      'apart keeps its containers apart',
      'without that option',
    ],
    [
      'nothing listens',
      from(NEAR, { ...asked, port: 81, listeners: hears('db', '0.0.0.0 80', '127.0.0.11 53') }),
      'listener',
      'nothing in db listens at 81/tcp',
      'it listens at 80/tcp;',
    ],
    [
      'it listens on loopback only',
      from(NEAR, { ...asked, listeners: hears('db', '127.0.0.1 80') }),
      'listener',
      'db listens at 127.0.0.1 port 80/tcp only',
      'have it listen at 0.0.0.0',
    ],
    [
      'a published port behind which nothing listens',
      from(PUBLISHED, { to: '192.168.7.9', port: 8080, listeners: hears('db') }),
      'listener',
      'nothing in db listens at 80/tcp',
      'it listens at none',
    ],
    [
      'a port that nobody publishes',
      from(PUBLISHED, { to: '192.168.7.9', port: 8081 }),
      'listener',
      'no container publishes port 8081/tcp',
      'published are 8080/tcp (db)',
    ],
  ])('%s', (_what, facts, about, says, advice) => {
    const { reached, checks } = trace(facts);
    expect(reached).toBe(false);
    expect(checks.filter(({ state }) => state === 'no')).toEqual([
      { about, state: 'no', says: expect.stringContaining(says), advice: expect.stringContaining(advice) },
    ]);
    expect(checks.at(-1)?.state).toBe('no');
  });
});
