import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RESOLVER } from '#lib/contracts';
import { Node, replicas, sandbox, zone } from './harness.js';

let node: Node;
beforeAll(async () => {
  node = await Node.create();
});
afterAll(() => node.close());

const ADDRESSES = ['10.9.0.2', '10.9.0.3', '10.9.0.4'];
const front = (addresses = ADDRESSES) => zone('front', replicas('web', addresses), { gateway: '10.9.0.1' });

describe('one container', () => {
  beforeAll(async () => {
    const path = node.addNamespace('one');
    const applied = await node.client.apply({
      full: true,
      zones: [front()],
      sandboxes: [sandbox('one', path, ['front'])],
    });
    expect(applied.errors).toEqual([]);
  });

  it('300 questions to 3 replicas: each is first 100 times, over UDP and over TCP', async () => {
    const even = Object.fromEntries(ADDRESSES.map((address) => [address, 100]));
    expect((await node.udp('one', { name: 'web', count: 300 })).firsts).toEqual(even);
    expect((await node.tcp('one', { name: 'web', count: 300 })).firsts).toEqual(even);
    expect((await node.udp('one', { name: 'WEB.front', count: 300, window: 50 })).firsts).toEqual(even);
  });

  it('dig gets what it asks for', async () => {
    expect(await node.dig('one', 'web-2')).toEqual(['10.9.0.3']);
    expect((await node.dig('one', '+tcp', 'web')).toSorted()).toEqual(ADDRESSES);
    expect(await node.dig('one', '-x', '10.9.0.3')).toEqual(['web-2.front.']);
    expect((await node.dig('one', '_80._tcp.web', 'SRV')).toSorted()).toEqual(
      [1, 2, 3].map((i) => `0 0 80 web-${i}.front.`),
    );
    expect(await node.dig('one', 'host.docker.internal')).toEqual(['10.9.0.1']);
    expect(await node.dig('one', 'web', 'AAAA')).toEqual([]);
    expect(await node.dig('one', 'nobody')).toEqual([]);
  });

  it('a replica that is withheld is out of the answers when apply returns, and rotation stays exact', async () => {
    const members = replicas('web', ADDRESSES).map((each, i) => (i === 1 ? { ...each, withheld: 'unhealthy' } : each));
    await node.client.apply({ zones: [zone('front', members)] });
    const { firsts } = await node.udp('one', { name: 'web', count: 200 });
    expect(firsts).toEqual({ '10.9.0.2': 100, '10.9.0.4': 100 });
    expect(await node.client.explain({ sandboxId: 'one', name: 'web', type: 'A' })).toMatchObject({
      rcode: 'NOERROR',
      rule: 'service name',
      network: 'front',
      omitted: [{ what: 'web-2', why: 'unhealthy' }],
    });
    await node.client.apply({ zones: [front()] });
  });

  it('who is withheld finds itself until it is not, and without being told of anew', async () => {
    const me = (withheld: string) =>
      replicas('web', ADDRESSES).map((each, i) => (i === 1 ? { ...each, containerId: 'one', withheld } : each));
    for (let round = 0; round < 2; round++) {
      for (const withheld of ['health: starting', '']) {
        await node.client.apply({ zones: [zone('front', me(withheld))] });
        for (const by of ['+notcp', '+tcp']) {
          expect((await node.dig('one', by, 'web')).toSorted(), withheld).toEqual(ADDRESSES);
        }
        const { rule } = await node.client.explain({ sandboxId: 'one', name: 'web', type: 'A' });
        expect(rule.startsWith('service name; the asker finds itself')).toBe(withheld !== '');
      }
      await node.client.apply({
        zones: [
          zone(
            'front',
            me('').filter((_, i) => i !== 1),
          ),
        ],
      });
      expect((await node.dig('one', 'web')).toSorted()).toEqual(['10.9.0.2', '10.9.0.4']);
    }
    await node.client.apply({ zones: [front()] });
  });

  it('an answer that does not fit is truncated, and TCP has all of it', async () => {
    const many = Array.from({ length: 200 }, (_, i) => `10.8.0.${i + 1}`);
    await node.client.apply({
      zones: [front(), zone('wide', replicas('many', many))],
      sandboxes: [sandbox('one', node.netns('one'), ['front', 'wide'])],
    });
    expect(await node.dig('one', '+noedns', '+ignore', 'many')).toHaveLength(Math.floor((512 - 22) / 16));
    expect(await node.dig('one', '+noedns', 'many')).toHaveLength(200);
  });

  it('explains, and refuses what it does not know', async () => {
    const ask = (name: string, sandboxId = 'one', type = 'A') => node.client.explain({ sandboxId, name, type });
    expect(await ask('nobody')).toMatchObject({ rcode: 'NXDOMAIN', rule: expect.stringContaining('single label') });
    await expect(ask('web', 'stranger')).rejects.toMatchObject({ code: 'not_found' });
    await expect(ask('a..b')).rejects.toMatchObject({ code: 'invalid', message: expect.stringContaining('"a..b"') });
    await expect(ask('web', 'one', 'QUUX')).rejects.toMatchObject({ code: 'invalid' });
  });

  it('counts', async () => {
    const text = await node.client.getMetrics();
    const value = (line: string) =>
      Number(
        text
          .split('\n')
          .find((each) => each.startsWith(line))
          ?.split(' ')[1],
      );
    expect(value('skep_dns_answers_total{rcode="NOERROR"}')).toBeGreaterThan(1_000);
    expect(value('skep_dns_hot_duration_seconds_count')).toBeGreaterThan(500);
    expect(value('skep_dns_sandboxes')).toBe(1);
  });
});

describe('a container with a name server of its own', () => {
  const OWN = '10.9.0.99';
  const inside = (...argv: string[]) => execFileSync('nsenter', [`--net=${node.netns('own')}`, ...argv]);
  beforeAll(async () => {
    const path = node.addNamespace('own');
    inside('ip', 'addr', 'add', `${OWN}/32`, 'dev', 'lo');
    const { errors } = await node.client.apply({ zones: [front()], sandboxes: [sandbox('own', path, ['front'])] });
    expect(errors).toEqual([]);
  });

  it.each([
    ['0.0.0.0', 'good'],
    ['0.0.0.0', 'reuse'],
    ['::', 'good'],
    ['::', 'reuse'],
  ])('which listens at port 53 of %s (%s): both are asked', async (address, behaviour) => {
    const server = await node.nameServer('own', address, 53, behaviour);
    try {
      for (const by of ['+notcp', '+tcp']) {
        expect(await node.dig('own', by, 'web-1')).toEqual(['10.9.0.2']);
        for (const at of [OWN, '127.0.0.1']) {
          expect(await node.dig('own', by, `@${at}`, 'web-1')).toEqual(['192.0.2.1']);
        }
      }
    } finally {
      await server.end();
    }
  });

  it('whose own rules drop what no connection begins: they see questions to port 53 and answers from there', async () => {
    const [hook, known] = ['type filter hook output priority 0; policy drop;', 'ct state established accept'];
    const asking = 'ct state new meta l4proto { tcp, udp } th dport 53 accept';
    inside('nft', `table inet closed { chain out { ${hook} ${known}; ${asking}; }; }`);
    for (const by of ['+notcp', '+tcp']) expect(await node.dig('own', by, 'web-1')).toEqual(['10.9.0.2']);
  });
});

describe('many containers', () => {
  const names = Array.from({ length: 50 }, (_, i) => `c${i}`);

  it('50 namespaces: each answers in its own scope; removed ones leave nothing behind', async () => {
    await node.client.apply({ full: true });
    const before = node.descriptors();
    const zones = names.map((name, i) => zone(`net-${name}`, replicas('self', [`10.7.0.${i + 1}`])));
    const sandboxes = names.map((name) => sandbox(name, node.addNamespace(name), [`net-${name}`]));
    expect((await node.client.apply({ zones, sandboxes })).errors).toEqual([]);
    expect((await node.client.getState()).sandboxes.toSorted()).toEqual(names.toSorted());
    for (const [i, name] of names.entries()) expect(await node.dig(name, 'self')).toEqual([`10.7.0.${i + 1}`]);

    await node.client.apply({ removedSandboxes: names.slice(0, 25) });
    expect(socketsOf(node.netns('c0'))).toBe(0);
    expect(await node.dig('c30', 'self')).toEqual(['10.7.0.31']);
    await node.client.apply({ full: true });
    expect(node.descriptors()).toBe(before);
    for (const name of names) node.removeNamespace(name);
  });

  it('says which namespaces it could not enter, and serves the others', async () => {
    const good = sandbox('good', node.addNamespace('good'), ['front']);
    const { errors } = await node.client.apply({
      zones: [front()],
      sandboxes: [sandbox('bad', '/run/netns/none', ['front']), good],
    });
    expect(errors).toMatchObject([{ id: 'bad', message: expect.stringContaining('/run/netns/none') }]);
    expect(await node.dig('good', 'web-1')).toEqual(['10.9.0.2']);
  });

  it('finds a new namespace at the path of an old one', async () => {
    node.removeNamespace('good');
    node.addNamespace('good');
    const { errors } = await node.client.apply({ sandboxes: [sandbox('good', node.netns('good'), ['front'])] });
    expect(errors).toEqual([]);
    expect(await node.dig('good', 'web-1')).toEqual(['10.9.0.2']);
  });

  /** UDP sockets in a namespace, as the kernel lists them. */
  function socketsOf(path: string): number {
    const listed = execFileSync('nsenter', [`--net=${path}`, 'cat', '/proc/net/udp'], { encoding: 'utf8' });
    return listed.split('\n').filter((line) => line.includes(`0B00007F:00${RESOLVER.port.toString(16).toUpperCase()}`))
      .length;
  }
});
