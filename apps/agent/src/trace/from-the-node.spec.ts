import { describe, expect, it } from 'vitest';
import type { Network } from '#lib/domain';
import type { TraceFacts } from './facts.js';
import { kernelOf } from './testing/healthy-kernel.js';
import { from, hears, known, network, NETWORKS, sockets } from './testing/trace-facts.js';
import { trace } from './trace.js';

const place = { vni: 4097, local: '192.168.7.9', port: 4789, peers: [] };
const overlay = (name: string, subnet: string, more: object = {}): Network =>
  network(name, subnet, { driver: 'overlay', overlay: { ...place, ...more } as unknown as Network['overlay'] });
const WIDE = overlay('wide', '10.0.1.0/24');
const INGRESS = overlay('ingress', '10.0.0.0/24', { ingress: true });
const peer = (networkId: string, ipv4: string) =>
  ({
    id: 't2',
    names: ['shop.2'],
    sharedNames: [],
    service: 'shop',
    networkId,
    ipv4,
  }) as unknown as TraceFacts['peers'][number];

describe('a container in the namespace of the node', () => {
  const networks = [...NETWORKS, WIDE, INGRESS];
  const table = [
    ...networks.map(({ linkName, pools }) => ({ destination: pools[0]!.subnet, link: linkName })),
    { destination: '0.0.0.0/0', gateway: '192.168.7.1', link: 'uplink' },
  ];
  const others = [
    known('db', {
      at: { back: '10.2.0.3' },
      ports: [{ hostIp: '', hostPort: 8080, containerPort: 80, protocol: 'tcp' }],
    }),
    known('inner', { at: { dark: '10.3.0.3' } }),
    known('task', { at: { wide: '10.0.1.3' } }),
  ];
  const asks = (to: string, port: number, more: Partial<TraceFacts> = {}) => {
    const kernel = kernelOf(
      networks,
      others.map(({ container }) => container),
    );
    const facts = { to, port, networks, kernel, routes: table, listeners: hears('db', '0.0.0.0 80') };
    return trace(from(others, { ...facts, ...more }, known('h', { networkMode: 'host' })));
  };

  it.each([
    ['10.2.0.3', 'db is on back (nat), and so is this node, whose network h uses'],
    ['10.3.0.3', 'inner is on dark (nat), and so is this node'],
    ['10.0.1.3', 'task is on wide (overlay), and so is this node'],
  ])('is on every network behind the node: %s', (to, says) => {
    const listeners = new Map(['db', 'inner', 'task'].flatMap((name) => [...hears(name, '0.0.0.0 80')]));
    const { reached, checks } = asks(to, 80, { listeners });
    expect(reached, JSON.stringify(checks)).toBe(true);
    expect(checks.map((check) => check.says)).toContainEqual(expect.stringContaining(says));
  });

  it.each(['127.0.0.1', '::ffff:127.0.0.1', '192.168.7.9'])('reaches a published port at %s', (to) => {
    // The table of routes that is read has none of the node's own addresses.
    const { reached, checks } = asks(to, 8080, { routes: [] });
    expect(reached, JSON.stringify(checks)).toBe(true);
    expect(checks.map(({ says }) => says)).toContain('port 8080/tcp of this node leads to port 80 of db');
    expect(checks.at(-1)?.says).toBe('db listens at 80/tcp');
  });

  it.each([
    ['127.0.0.1', '127.0.0.1 22'],
    ['127.0.0.1', '0.0.0.0 22'],
    ['::1', '::1 22'],
    ['192.168.7.9', '192.168.7.9 22'],
  ])('reaches at %s what listens at %s of the node', (to, socket) => {
    expect(asks(to, 22, { nodeListeners: sockets(socket) })).toMatchObject({ reached: true });
  });

  it.each([
    ['::1', 8080, 'no container publishes port 8080/tcp at ::1'],
    ['127.0.0.1', 81, 'no container publishes port 81/tcp at 127.0.0.1'],
    ['10.2.0.77', 80, 'no container on back (nat) has 10.2.0.77'],
  ])('does not reach %s port %i', (to, port, says) => {
    const { reached, checks } = asks(to, port);
    expect([reached, checks.at(-1)?.says]).toEqual([false, expect.stringContaining(says)]);
  });

  it('is shown no way to a network that cannot be its own', () => {
    const inside = known('cam', { at: { closed: '10.9.0.3' } });
    const closed = network('closed', '10.9.0.0/24', { driver: 'transparent', internal: true });
    const facts = { to: '10.9.0.3', networks: [closed], routes: table };
    expect(trace(from([inside], facts, known('h', { networkMode: 'host' }))).checks.at(-1)).toEqual({
      about: 'network',
      state: 'no',
      says: "h uses the node's own network, which does not lead to cam on closed",
      advice: 'run h on a network of cam, without --network host',
    });
    expect(asks('9.9.9.9', 53, { routes: [] }).checks.at(-1)).toMatchObject({
      about: 'route',
      says: 'h has no route to 9.9.9.9: this node has none',
      advice: "mend this node's network: ip route get 9.9.9.9",
    });
  });

  it('is on networks of the swarm as one gateway of many, which others do not answer, but on that of published ports', () => {
    expect(asks('10.0.1.9', 80, { peers: [peer('wide', '10.0.1.9')] }).checks.at(-1)).toEqual({
      about: 'network',
      state: 'no',
      says: 'shop.2 is on wide, on another node, and h is not on that network',
      advice: "use a published port of its service and this node's address",
    });
    expect(asks('10.0.0.9', 80, { peers: [peer('ingress', '10.0.0.9')] }).checks).toContainEqual({
      about: 'network',
      state: 'ok',
      says: 'h and shop.2 are both on ingress (overlay), on different nodes',
    });
  });
});
