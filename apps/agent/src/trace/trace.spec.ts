import { describe, expect, it } from 'vitest';
import type { TraceFacts } from './facts.js';
import {
  answered,
  asked,
  from,
  FRONT,
  hears,
  known,
  NEAR,
  network,
  NETWORKS,
  PUBLISHED,
  sockets,
  WEB,
} from './testing/trace-facts.js';
import { trace } from './trace.js';

const PORT = { hostIp: '', hostPort: 8080, containerPort: 80, protocol: 'tcp' as const };
const pool = (kept: string) => ({ ...FRONT.pools[0]!, auxAddresses: { printer: kept } });

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
      from([], { to: '192.168.7.9', port: 22, nodeListeners: sockets('0.0.0.0 22') }),
      'a process of this node listens at 22',
    ],
    ['outside', from([], { to: '9.9.9.9', port: 53 }), 'what listens at 9.9.9.9 is not seen from this node'],
    ['outside, without a port', from([], { to: '9.9.9.9' }), "web leaves front behind the node's address"],
    [
      'by an IPv6 address, however it is written',
      from([known('db', { at: { front: 'fd12:3456::2' } })], {
        to: 'FD12:3456:0::0002',
        port: 80,
        listeners: hears('db', ':: 80'),
        routes: [{ destination: 'fd12:3456::/64', link: 'eth0' }],
      }),
      'web and db are both on front',
    ],
    [
      'by a link-local address',
      from([known('db', { at: { front: '10.1.0.3' }, linkLocal: ['169.254.7.7'] })], {
        to: '169.254.7.7',
        routes: [{ destination: '169.254.0.0/16', link: 'eth0' }],
      }),
      'web and db are both on front',
    ],
    ['to a gateway', from([], { to: '10.1.0.1', nodeAddresses: [] }), '10.1.0.1 is nothing of this node'],
    [
      'to an address that is kept for others',
      from([], {
        to: '10.1.0.8',
        networks: [network('front', '10.1.0.0/24', { pools: [pool('10.1.0.8')] }), ...NETWORKS.slice(1)],
      }),
      '10.1.0.8 is nothing of this node',
    ],
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
      'no container publishes port 8081/tcp at 192.168.7.9 and no process',
      'published are 8080/tcp (db)',
    ],
    [
      'a port that is published for the node alone',
      from([known('db', { at: { back: '10.2.0.3' }, ports: [{ ...PORT, hostIp: '127.0.0.1' }] })], {
        to: '192.168.7.9',
        port: 8080,
      }),
      'listener',
      'no container publishes port 8080/tcp at 192.168.7.9',
      'published are 127.0.0.1:8080/tcp (db)',
    ],
    [
      'a process of the node that listens on loopback only',
      from([], { to: '192.168.7.9', port: 22, nodeListeners: sockets('127.0.0.1 22', '0.0.0.0 23') }),
      'listener',
      'a process of this node listens at 127.0.0.1 port 22/tcp only',
      'have it listen at 0.0.0.0 (every address)',
    ],
    [
      'one that listens for IPv4 alone',
      from([], {
        to: 'fd12::9',
        port: 22,
        nodeAddresses: ['fd12::9'],
        routes: [{ destination: '::/0', gateway: 'fd12:1::1', link: 'eth0' }],
        nodeListeners: sockets('0.0.0.0 22'),
      }),
      'listener',
      'a process of this node listens at 0.0.0.0 port 22/tcp only',
      'have it listen at :: (every address)',
    ],
    [
      'an address of its network that nobody has',
      from(NEAR, { to: '10.1.0.77', port: 80 }),
      'network',
      'no container on front (nat) has 10.1.0.77',
      'docker network inspect front shows who has which',
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
