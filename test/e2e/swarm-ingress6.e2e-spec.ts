import { beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import { DEMO_IMAGE } from './harness/image.js';
import { Swarm } from './harness/swarm.js';
import { useWorld } from './harness/world.js';

const PREFIX = 'fd99:5e9::';
const OUTSIDE = `${PREFIX}2`;
const addressOf = (index: number) => `${PREFIX}${index + 10}`;

describe('published ports, asked by clients with IPv6', () => {
  const world = useWorld(3);
  let swarm: Swarm;

  const curl = (index: number, port: number) =>
    world.outside.run('curl', ['-s', '-m', '3', `http://[${addressOf(index)}]:${port}/`]);
  const answer = (index: number, port: number) =>
    waitFor(
      async () => {
        const { code, stdout } = await curl(index, port);
        return code === 0 && stdout;
      },
      { ms: 20_000, every: 100, what: `an answer from ${addressOf(index)} port ${port}` },
    );
  const create = (name: string, ...more: string[]) =>
    swarm.docker('service', 'create', '-d', '--no-resolve-image', '--name', name, ...more, DEMO_IMAGE, 'serve');

  beforeAll(async () => {
    await world.outside.must('ip', ['addr', 'add', `${OUTSIDE}/64`, 'dev', 'switch', 'nodad']);
    for (const [index, { machine }] of world.nodes.entries()) {
      await machine.must('ip', ['addr', 'add', `${addressOf(index)}/64`, 'dev', 'uplink', 'nodad']);
    }
    swarm = await Swarm.found(world.nodes);
  });

  it('are refused while the ingress network has no IPv6', async () => {
    await create('old', '--publish', '8079:80');
    await waitFor(() => world.outside.get(`http://${world.node.machine.address}:8079/`), {
      ms: 30_000,
      every: 100,
      what: 'an answer over IPv4',
    });
    for (const index of world.nodes.keys()) expect((await curl(index, 8079)).code).toBe(7);
    await swarm.docker('service', 'rm', 'old');
  });

  it('answer on every node, by each replica, which sees the client’s own address', async () => {
    await waitFor(async () => (await swarm.manager.docker(['network', 'rm', 'ingress'], { input: 'y\n' })).code === 0, {
      ms: 30_000,
      every: 300,
      what: 'the ingress network to be removed',
    });
    await swarm.docker('network', 'create', '-d', 'overlay', '--ingress', '--ipv6', 'mesh');
    // The third node has no replica.
    await create('web', '--replicas', '2', '--constraint', `node.id!=${swarm.id(2)}`, '--publish', '8080:80');
    for (const index of world.nodes.keys()) {
      await answer(index, 8080);
      const said = [];
      for (let n = 0; n < 4; n++) said.push(await answer(index, 8080));
      expect(new Set(said.map((text) => /^host: (.*)$/m.exec(text)?.[1])).size).toBe(2);
      for (const text of said) expect(/^client: (.*)$/m.exec(text)?.[1]).toContain(OUTSIDE);
    }
    // And as before over IPv4.
    for (const { machine } of world.nodes)
      expect(await world.outside.get(`http://${machine.address}:8080/`)).toBeDefined();
  });

  it('are refused again when the service is gone', async () => {
    await swarm.docker('service', 'rm', 'web');
    for (const index of world.nodes.keys()) {
      await waitFor(async () => (await curl(index, 8080)).code === 7, { ms: 20_000, every: 100, what: 'refusal' });
    }
  });
});
