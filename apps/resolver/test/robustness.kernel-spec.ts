import { join } from 'node:path';
import packet from 'dns-packet';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import { Node, replicas, sandbox, zone } from './harness.js';

let node: Node;
beforeAll(async () => {
  node = await Node.create();
  // Silent: every question that is forwarded stays under way for as long as it can.
  const upstream = node.spawn('node', [
    process.execPath,
    join(import.meta.dirname, 'upstream.mjs'),
    '127.0.1.1',
    '5300',
    'silent',
  ]);
  let up = false;
  upstream.stdout!.once('data', () => (up = true));
  await waitFor(() => up, { ms: 10_000, what: 'the name server listens' });
  const zones = [zone('front', replicas('web', ['10.9.0.2', '10.9.0.3']))];
  const sandboxes = ['noisy', 'quiet'].map((name) =>
    sandbox(name, node.addNamespace(name), ['front'], { upstreams: ['127.0.1.1:5300'] }),
  );
  expect((await node.client.apply({ full: true, zones, sandboxes })).errors).toEqual([]);
});
afterAll(() => node.close());

const question = (name: string) =>
  packet.encode({ type: 'query', id: 0xabcd, questions: [{ type: 'A', name }] }).toString('hex');

it('broken packets get FORMERR or nothing, and the next question is answered', async () => {
  const web = question('web');
  const packets = [
    '00',
    web.slice(0, 30),
    `${web.slice(0, 24)}c00c00010001`,
    `${web.slice(0, 4)}8000${web.slice(8)}`,
    `${web.slice(0, 4)}2800${web.slice(8)}`,
    'ff'.repeat(5_000),
    web,
  ];
  const answers = await node.raw('quiet', packets, 'web');
  const rcode = (hex: string) => (hex === '' ? 'nothing' : Number.parseInt(hex.slice(7, 8), 16));
  expect(answers.map(rcode)).toEqual(['nothing', 1, 1, 'nothing', 4, 'nothing', 0]);
});

it('a flood from one container, of names that are forwarded and never answered, costs another one nothing', async () => {
  const flooding = node.flood('noisy', 'flood.test', 3_000);
  const { lost, firsts, milliseconds } = await node.udp('quiet', { name: 'web', count: 2_000, window: 4 });
  expect(lost).toBe(0);
  expect(firsts).toEqual({ '10.9.0.2': 1_000, '10.9.0.3': 1_000 });
  expect(Math.max(...milliseconds)).toBeLessThan(1_000);
  // The slow path is shared: what the flood takes of it is limited.
  const slow = await node.udp('quiet', { name: '2.0.9.10.in-addr.arpa', type: 'PTR', count: 20 });
  expect(slow).toMatchObject({ lost: 0, rcodes: { NOERROR: 20 } });
  expect((await flooding).sent).toBeGreaterThan(2_000);
});

it('a container has 32 TCP connections at a time, and others are not kept from theirs', async () => {
  const many = node.connections('noisy', 60, 2_000);
  expect((await node.tcp('quiet', { name: 'web', count: 100 })).firsts).toEqual({ '10.9.0.2': 50, '10.9.0.3': 50 });
  expect((await many).closed).toBe(28);
  expect((await node.tcp('noisy', { name: 'web', count: 2 })).lost).toBe(0);
});

it('a container that is removed in the middle of a flood', async () => {
  const flooding = node.flood('noisy', 'flood.test', 1_500);
  for (let i = 0; i < 20; i++) {
    await node.client.apply({ removedSandboxes: ['noisy'] });
    await node.client.apply({
      sandboxes: [sandbox('noisy', node.netns('noisy'), ['front'], { upstreams: ['127.0.1.1:5300'] })],
    });
  }
  await flooding;
  expect((await node.udp('noisy', { name: 'web' })).rcodes).toEqual({ NOERROR: 1 });
  expect((await node.udp('quiet', { name: 'web' })).rcodes).toEqual({ NOERROR: 1 });
});
