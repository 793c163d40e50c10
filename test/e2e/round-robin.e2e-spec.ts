import { waitFor } from '#lib/common';
import { beforeAll, describe, expect, it } from 'vitest';
import { digTimes, firsts } from './harness/dig.js';
import type { TestProject } from './harness/project.js';
import { useSample } from './harness/sample.js';
import { useWorld } from './harness/world.js';

describe('sample round-robin', () => {
  const world = useWorld();
  const sample = useSample(world, 'round-robin');
  let project: TestProject;
  let web: string[];

  beforeAll(async () => {
    ({ project } = sample);
    web = await project.addresses('web', 'front');
  });

  it('runs three replicas with an address each, on the network that the file names', async () => {
    expect(new Set(web).size).toBe(3);
    const { pools, containers } = await project.network('front');
    expect(containers).toHaveLength(5);
    const [network, length] = pools[0]!.subnet.split('/') as [string, string];
    expect(length).toBe('20');
    expect(web.every((address) => address.startsWith(network.split('.').slice(0, 2).join('.')))).toBe(true);
  });

  it('shows the addresses that the containers really have', async () => {
    for (const view of await project.containers()) {
      const text = await world.node.inSandbox(view.id, 'ip', ['-j', 'addr', 'show', 'eth0']);
      const [link] = JSON.parse(text) as { address: string; addr_info: { family: string; local: string }[] }[];
      expect(link!.address).toBe(view.networks[0]!.mac);
      expect(link!.addr_info.find(({ family }) => family === 'inet')?.local).toBe(view.networks[0]!.ipv4);
    }
  });

  it.each(['udp', 'tcp'] as const)('begins each answer with the next replica, over %s', async (transport) => {
    const { id } = await project.container('client');
    const answers = await digTimes(world.node, id, 'web', 300, transport);
    expect(answers).toHaveLength(300);
    for (const answer of answers) expect([...answer].sort()).toEqual([...web].sort());
    expect(Object.fromEntries(firsts(answers))).toEqual(Object.fromEntries(web.map((address) => [address, 100])));
  });

  it('takes every word of its command line for its own or the command’s, and none for Node', async () => {
    expect((await project.exec('client', 'echo', '--env-file', '/app/.env')).stdout).toBe('--env-file /app/.env\n');
    const { code, stderr } = await world.node.skep(['--env-file', '/nope.env', 'config']);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/^skep: .*\/nope\.env/) });
  });

  it('gives containers the three addresses with their own tools', async () => {
    expect((await project.lookup('client', 'web')).sort()).toEqual([...web].sort());
  });

  it('answers on the published port, from outside, from the node and from another container', async () => {
    const { outside, node } = world;
    const url = `http://${node.machine.address}:8080/`;
    const answers = (from: () => Promise<string | undefined>, what: string) =>
      waitFor(async () => (await from())?.includes('host: '), { ms: 15_000, every: 100, what });
    await answers(() => outside.get(url), 'the published port answers from outside');
    await answers(() => node.machine.get(url), "the published port answers on the node's own address");
    await answers(() => node.machine.get('http://127.0.0.1:8080/'), 'the published port answers on 127.0.0.1');
    expect(await project.fetch('client', url)).toContain('host: ');
    expect(await project.fetch('gateway', url)).toContain('host: '); // its own published port
  });

  it('spreads requests over the replicas', async () => {
    const url = `http://${world.node.machine.address}:8080/`;
    const hosts = new Set<string>();
    for (let n = 0; n < 6; n++) {
      const body = (await world.outside.get(url)) ?? '';
      hosts.add(/^host: (.*)$/m.exec(body)?.[1] ?? 'no answer');
    }
    const names = (await project.containers('web')).map(({ id }) => id.slice(0, 12));
    expect([...hosts].sort()).toEqual(names.sort());
  });

  it('keeps the networks apart, by name and by address', async () => {
    const [database] = await project.addresses('database', 'back');
    expect(await project.lookup('client', 'database')).toEqual([]);
    expect(await project.pings('client', database!)).toBe(false);
    expect((await project.exec('client', 'nc', '-w', '1', database!, '80')).code).not.toBe(0);
    // The other network's containers prove that the name and the address are right.
    expect(await project.lookup('worker', 'database')).toEqual([database]);
    expect(await project.pings('worker', database!)).toBe(true);
    expect(await project.pings('worker', web[0]!)).toBe(false);
  });

  it('leaves no route from outside to a container', async () => {
    const { outside, node } = world;
    await outside.must('ip', ['route', 'replace', `${web[0]}/32`, 'via', node.machine.address]);
    expect(await outside.get(`http://${web[0]}/`)).toBeUndefined();
    await outside.must('ip', ['route', 'delete', `${web[0]}/32`]);
    expect(await node.machine.get(`http://${web[0]}/`)).toContain('host: ');
  });

  it('changes nothing when it is brought up again', async () => {
    const ids = (await project.containers()).map(({ id }) => id);
    await project.up();
    expect((await project.containers()).map(({ id }) => id)).toEqual(ids);
  });

  it('leaves nothing when it goes', async () => {
    await project.down();
    expect(await world.node.returnsTo(sample.before)).toEqual(sample.before);
  });
});
