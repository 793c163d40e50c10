import { type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { waitFor } from '#lib/common';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Node, sandbox, zone } from './harness.js';

const BEHAVIOURS = ['good', 'servfail', 'refused', 'silent', 'forged', 'late', 'lossy'] as const;
type Behaviour = (typeof BEHAVIOURS)[number];
const addressOf = (behaviour: Behaviour) => `127.0.1.${BEHAVIOURS.indexOf(behaviour) + 1}:5300`;
const NOBODY = '127.0.1.99:5300';

let node: Node;
/** what the servers were asked */
let asked: string[];

beforeAll(async () => {
  node = await Node.create();
  for (const name of ['one', 'two']) node.addNamespace(name);
  const servers = BEHAVIOURS.map((behaviour) => {
    const [address, port] = addressOf(behaviour).split(':');
    return serve('node', address!, port!, behaviour);
  });
  await Promise.all(servers);
});
afterAll(() => node.close());
beforeEach(() => {
  asked = [];
});

/** Resolves when there is a name server at this address of the namespace. */
function serve(namespace: string, ...argv: string[]): Promise<void> {
  return ready(node.spawn(namespace, [process.execPath, join(import.meta.dirname, 'upstream.mjs'), ...argv]));
}

async function ready(server: ChildProcess): Promise<void> {
  let up = false;
  server.stdout!.setEncoding('utf8').on('data', (text: string) => {
    for (const line of text.split('\n').filter(Boolean)) {
      if (line === 'ready') up = true;
      else asked.push(line);
    }
  });
  await waitFor(() => up, { ms: 10_000, what: 'the name server listens' });
}

/** The container `one` with these servers, on a network without any. */
async function use(...upstreams: string[]): Promise<void> {
  const sandboxes = ['one', 'two'].map((name) => sandbox(name, node.netns(name), ['front'], { upstreams }));
  const { errors } = await node.client.apply({ full: true, zones: [zone('front', [])], sandboxes });
  expect(errors).toEqual([]);
}

const GOOD = ['192.0.2.1'];

describe('forwarding', () => {
  it('passes on what a server answers', async () => {
    await use(addressOf('good'));
    expect(await node.dig('one', 'www.test')).toEqual(GOOD);
    expect(await node.dig('one', '+tcp', 'tcp.www.test')).toEqual(GOOD);
    expect((await node.udp('one', { name: 'none.test' })).rcodes).toEqual({ NXDOMAIN: 1 });
  });

  it.each([
    ['nobody listens', NOBODY],
    ['one is silent', addressOf('silent')],
    ['one says SERVFAIL', addressOf('servfail')],
    ['one says REFUSED', addressOf('refused')],
  ])('asks the next where %s', async (what, bad) => {
    await use(bad, addressOf('good'));
    expect(await node.dig('one', `next.${what.replaceAll(' ', '-')}.test`)).toEqual(GOOD);
  });

  it('waits once for a server that is silent, and not with every question', async () => {
    await use(addressOf('silent'), addressOf('good'));
    const name = Array.from({ length: 10 }, (_, i) => `n${i}.silent.test`);
    const { milliseconds, firsts } = await node.udp('one', { name, count: 10 });
    expect(firsts).toEqual({ '192.0.2.1': 10 });
    expect(milliseconds.filter((each) => each > 700).length).toBeLessThanOrEqual(1);
  });

  it.each([
    ['answers late', 'late', 2],
    ['lost the first datagram', 'lossy', 1],
  ] as const)('waits for the only server, and asks it again, where that %s', async (_what, behaviour, heard) => {
    await use(addressOf(behaviour));
    const { rcodes, milliseconds } = await node.udp('one', { name: `only.${behaviour}.test` });
    expect(rcodes).toEqual({ NOERROR: 1 });
    expect(milliseconds[0]).toBeLessThan(3_000);
    expect(asked).toEqual(Array.from({ length: heard }, () => `udp only.${behaviour}.test A`));
  });

  it('takes a late answer where no other server has one', async () => {
    await use(addressOf('late'), addressOf('servfail'));
    expect((await node.udp('one', { name: 'late.other.test' })).rcodes).toEqual({ NOERROR: 1 });
    await use(addressOf('silent'), addressOf('late'));
    expect((await node.udp('one', { name: 'late.silent.test' })).rcodes).toEqual({ NOERROR: 1 });
  });

  it('gives up after 4 seconds, and the next time sooner', async () => {
    await use(addressOf('silent'));
    const { rcodes, milliseconds } = await node.udp('one', { name: 'never.test' });
    expect(rcodes).toEqual({ SERVFAIL: 1 });
    expect(Math.abs(milliseconds[0]! - 4_000)).toBeLessThan(500);
    const next = await node.udp('one', { name: ['a.never.test', 'b.never.test'], count: 2 });
    expect(next.rcodes).toEqual({ SERVFAIL: 2 });
    expect(Math.max(...next.milliseconds)).toBeLessThan(1_500);
  });

  it('all bad: SERVFAIL', async () => {
    await use(NOBODY, addressOf('servfail'));
    expect((await node.udp('one', { name: 'x.test' })).rcodes).toEqual({ SERVFAIL: 1 });
  });

  it('believes only an answer with the id and the question that it asked', async () => {
    await use(addressOf('forged'));
    expect(await node.dig('one', 'www.forged.test')).toEqual(GOOD);
  });

  it('asks again over TCP for an answer that was truncated', async () => {
    await use(addressOf('good'));
    expect(await node.dig('one', '+tcp', 'big.test')).toHaveLength(100);
    expect(asked).toEqual(['udp big.test A', 'tcp big.test A']);
    expect(await node.dig('one', '+noedns', 'big.test')).toHaveLength(100);
    expect(asked).toHaveLength(2);
  });

  it('asks once: for questions at the same time, and for as long as the answer lasts', async () => {
    await use(addressOf('good'));
    const name = ['slow.test', 'SLOW.test'];
    const [one, two] = await Promise.all(['one', 'two'].map((from) => node.udp(from, { name, count: 50, window: 50 })));
    expect([one!.firsts, two!.firsts]).toEqual([{ '192.0.2.1': 50 }, { '192.0.2.1': 50 }]);
    await node.udp('one', { name: 'none.kept.test', count: 5 });
    expect(asked.map((line) => line.toLowerCase())).toEqual(['udp slow.test a', 'udp none.kept.test a']);
  });

  it('forwards nothing from internal networks, and no single label', async () => {
    const upstreams = [addressOf('good')];
    const sandboxes = [
      sandbox('one', node.netns('one'), ['vault'], { upstreams }),
      sandbox('two', node.netns('two'), ['front'], { upstreams }),
    ];
    await node.client.apply({
      full: true,
      zones: [zone('front', []), zone('vault', [], { internal: true })],
      sandboxes,
    });
    expect((await node.udp('one', { name: 'inside.test' })).rcodes).toEqual({ NXDOMAIN: 1 });
    expect((await node.udp('two', { name: 'single' })).rcodes).toEqual({ NXDOMAIN: 1 });
    expect(asked).toEqual([]);
  });

  it("a network's own servers go before the container's", async () => {
    const sandboxes = [sandbox('one', node.netns('one'), ['front'], { upstreams: [addressOf('servfail')] })];
    await node.client.apply({ full: true, zones: [zone('front', [], { upstreams: [addressOf('good')] })], sandboxes });
    expect(await node.dig('one', 'network.test')).toEqual(GOOD);
  });

  it('explains which server answered', async () => {
    await use(addressOf('servfail'), addressOf('good'));
    const explanation = await node.client.explain({ sandboxId: 'one', name: 'explained.test', type: 'A' });
    expect(explanation).toMatchObject({
      rcode: 'NOERROR',
      answers: GOOD,
      rule: expect.stringContaining(addressOf('good')),
    });
  });
});

/** Addresses of servers in more than one namespace, on port 5300. */
const SHARED = '10.99.0.53';
const SHARED_BAD = '10.99.0.54';
const OF_NODE = '10.99.0.55';
const OF_TWO = ['198.51.100.1'];

describe("forwarding from the asker's namespace", () => {
  beforeAll(async () => {
    const served: [string, string, Behaviour, string?][] = [
      ['one', SHARED, 'good'],
      ['two', SHARED, 'good', '198.51.100'],
      ['one', SHARED_BAD, 'silent'],
      ['two', SHARED_BAD, 'good', '198.51.100'],
      ['node', OF_NODE, 'good'],
    ];
    for (const [namespace, address, behaviour, ...prefix] of served) {
      node.ip(namespace, 'address', 'add', `${address}/32`, 'dev', 'lo');
      await serve(namespace, address, '5300', behaviour, ...prefix.map(String));
    }
  });

  it('reaches a server that the container reaches, and the node does not', async () => {
    await use(`${SHARED}:5300`);
    expect(await node.dig('one', 'inside.test')).toEqual(GOOD);
    expect(await node.dig('one', '+tcp', 'big.inside.test')).toHaveLength(100);
    expect(asked).toEqual(['udp inside.test A', 'udp big.inside.test A', 'tcp big.inside.test A']);
  });

  it('asks each its own where two have a server at the same address', async () => {
    await use(`${SHARED}:5300`);
    const of = (name: string, ...flags: string[]) =>
      Promise.all(['one', 'two'].map((from) => node.dig(from, ...flags, name)));
    for (const name of ['own.test', 'own.test', 'slow.own.test']) expect(await of(name)).toEqual([GOOD, OF_TWO]);
    const [one, two] = await of('big.own.test', '+tcp');
    expect([one, two].map((each) => each!.length)).toEqual([100, 100]);
    expect([one, two].map((each) => each!.every((line) => line.startsWith('192.0.2.')))).toEqual([true, false]);
    expect(asked.filter((line) => line === 'udp own.test A')).toHaveLength(2);
  });

  it('remembers for each by itself who did not answer', async () => {
    await use(`${SHARED_BAD}:5300`, addressOf('good'));
    expect(await node.dig('one', 'first.health.test')).toEqual(GOOD);
    expect(await node.dig('two', 'second.health.test')).toEqual(OF_TWO);
  });

  it('asks from the node where the container has no way to the server', async () => {
    node.ip('two', 'route', 'add', 'unreachable', `${OF_NODE}/32`);
    await use(`${OF_NODE}:5300`);
    for (const from of ['one', 'two']) {
      expect(await node.dig(from, `${from}.node.test`)).toEqual(GOOD);
      expect(await node.dig(from, '+tcp', `big.${from}.node.test`)).toHaveLength(100);
    }
  });

  it("asks the daemon's servers from the node, after those that somebody named", async () => {
    const defaultUpstreams = [`${OF_NODE}:5300`];
    const sandboxes = [sandbox('two', node.netns('two'), ['front'], { defaultUpstreams })];
    node.ip('two', 'route', 'del', 'unreachable', `${OF_NODE}/32`);
    node.ip('two', 'address', 'add', `${OF_NODE}/32`, 'dev', 'lo');
    await node.client.apply({ full: true, zones: [zone('front', [])], sandboxes });
    expect(await node.dig('two', 'daemons.test')).toEqual(GOOD);
    const named = zone('front', [], { upstreams: [`${SHARED}:5300`] });
    await node.client.apply({ full: true, zones: [named], sandboxes });
    expect(await node.dig('two', 'named.test')).toEqual(OF_TWO);
  });

  it('has nothing open in a namespace that is to go, also while a question is out', async () => {
    await use(`${SHARED_BAD}:5300`);
    await node.client.apply({ removedSandboxes: ['one'] });
    const before = node.descriptors();
    await use(`${SHARED_BAD}:5300`);
    const names = Array.from({ length: 5 }, (_, i) => `${i}.never.inside.test`);
    const unanswered = node.udp('one', { name: names, count: 5, window: 5 });
    await waitFor(() => node.descriptors() >= before + 7, { ms: 3_000, what: 'five questions are out' });
    await node.client.apply({ removedSandboxes: ['one'] });
    expect(node.descriptors()).toBe(before);
    expect((await unanswered).firsts).not.toHaveProperty(GOOD);
  });

  it('fails, and leaves nothing open, where the namespace is not there any more', async () => {
    const sandboxes = [sandbox('three', node.addNamespace('three'), ['front'], { upstreams: [`${SHARED_BAD}:5300`] })];
    node.ip('three', 'address', 'add', `${SHARED_BAD}/32`, 'dev', 'lo');
    await serve('three', SHARED_BAD, '5300', 'silent');
    await node.client.apply({ full: true, zones: [zone('front', [])], sandboxes });
    const before = node.descriptors();
    const out = node.client.explain({ sandboxId: 'three', name: 'out.gone.test', type: 'A' });
    await waitFor(() => node.descriptors() > before, { ms: 3_000, what: 'a question is out' });
    node.removeNamespace('three');
    expect(await out).toMatchObject({ rcode: 'SERVFAIL', rule: expect.stringContaining('did not answer in time') });
    const next = await node.client.explain({ sandboxId: 'three', name: 'next.gone.test', type: 'A' });
    expect(next).toMatchObject({ rcode: 'SERVFAIL', rule: expect.stringContaining('no network namespace') });
    expect(node.descriptors()).toBe(before);
  });
});
