import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import { digTimes } from './harness/dig.js';
import { DEMO_IMAGE } from './harness/image.js';
import { Swarm } from './harness/swarm.js';
import { useWorld } from './harness/world.js';

const service = (deploy: object, more: object) => ({ image: DEMO_IMAGE, command: 'serve', deploy, ...more });
/** What the docker CLI takes: the older format, with both ways to write ports. */
const STACK = {
  version: '3.8',
  services: {
    short: service({ replicas: 2 }, { ports: ['8080:80'], networks: { wide: { aliases: ['db', 'store'] } } }),
    long: service(
      { replicas: 2, endpoint_mode: 'vip' },
      { ports: [{ target: 80, published: 8081, protocol: 'tcp', mode: 'ingress' }], networks: ['wide'] },
    ),
    local: service({ mode: 'global' }, { ports: [{ target: 80, published: 8082, mode: 'host' }] }),
    turns: service({ replicas: 2, endpoint_mode: 'dnsrr' }, { networks: { wide: { aliases: ['cache'] } } }),
    client: { image: DEMO_IMAGE, command: 'idle', networks: ['wide'], deploy: { mode: 'global' } },
  },
  networks: { wide: { driver: 'overlay' } },
};
const TASKS = 2 + 2 + 3 + 2 + 3;

describe('a stack with published ports and aliases', () => {
  const world = useWorld(3);
  let swarm: Swarm;

  beforeAll(async () => {
    swarm = await Swarm.found(world.nodes);
  });

  const answer = (at: string) =>
    waitFor(() => world.outside.get(at), { ms: 20_000, every: 100, what: `an answer from ${at}` });
  const refused = (at: string) =>
    waitFor(async () => (await world.outside.run('curl', ['-s', '-m', '2', at])).code === 7, {
      ms: 20_000,
      every: 100,
      what: `${at} to be refused`,
    });
  const field = (name: string, text: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(text)?.[1];
  /** Replicas that answered so many requests, each of which saw the client's own address. */
  const hosts = async (address: string, port: number, times = 4) => {
    const said = [];
    for (let n = 0; n < times; n++) said.push(await answer(`http://${address}:${port}/`));
    expect(new Set(said.map((text) => field('client', text)))).toEqual(new Set([world.outside.address]));
    return new Set(said.map((text) => field('host', text)));
  };

  describe.each(['docker', 'skep'])('by %s stack deploy', (cli) => {
    const stack = async (...args: string[]) => {
      await (cli === 'docker' ? swarm.manager.mustDocker(['stack', ...args]) : swarm.manager.must(['stack', ...args]));
    };
    const deploy = async (content: object) => {
      const file = join(swarm.manager.folder, 'stack.json');
      await writeFile(file, JSON.stringify(content));
      await stack('deploy', '--resolve-image', 'never', '-c', file, 'tour');
    };

    it('shows its ports', async () => {
      await deploy(STACK);
      await swarm.running(TASKS, 90_000);
      const shown = await swarm.docker('stack', 'services', 'tour', '--format', '{{.Name}} {{.Mode}} {{.Ports}}');
      expect(
        shown
          .split('\n')
          .map((line) => line.trim())
          .sort(),
      ).toEqual([
        'tour_client global',
        'tour_local global',
        'tour_long replicated *:8081->80/tcp',
        'tour_short replicated *:8080->80/tcp',
        'tour_turns replicated',
      ]);
    });

    it('is reached from outside: on every node by each replica, in host mode by the one that is there', async () => {
      for (const { machine } of world.nodes) {
        for (const port of [8080, 8081]) {
          await answer(`http://${machine.address}:${port}/`);
          expect((await hosts(machine.address, port)).size).toBe(2);
        }
        expect((await hosts(machine.address, 8082)).size).toBe(1);
      }
    });

    it('answers aliases as the service’s name, and tasks.ALIAS with the replicas', async () => {
      const wide = (name: string) =>
        swarm
          .of(name)
          .map(({ addresses }) => addresses['tour_wide'])
          .sort();
      for (const client of swarm.of('tour_client')) {
        const ask = async (name: string) => [...(await digTimes(client.node, client.id, name, 1, 'udp'))[0]!].sort();
        const virtual = await ask('short');
        expect(virtual).toHaveLength(1);
        expect(wide('tour_short')).not.toContain(virtual[0]);
        for (const name of ['db', 'store', 'tour_short', 'db.tour_wide']) expect(await ask(name)).toEqual(virtual);
        for (const name of ['tasks.db', 'tasks.store', 'tasks.tour_short', 'tasks.short'])
          expect(await ask(name)).toEqual(wide('tour_short'));
        for (const name of ['cache', 'turns', 'tasks.cache', 'tasks.turns'])
          expect(await ask(name)).toEqual(wide('tour_turns'));
      }
    });

    it('moves a port when it is deployed again, and closes all when it is removed', async () => {
      const { short } = STACK.services;
      await deploy({ ...STACK, services: { ...STACK.services, short: { ...short, ports: ['8088:80'] } } });
      for (const { machine } of world.nodes) {
        await answer(`http://${machine.address}:8088/`);
        await refused(`http://${machine.address}:8080/`);
      }
      await stack('rm', 'tour');
      for (const { machine } of world.nodes) {
        for (const port of [8088, 8081, 8082]) await refused(`http://${machine.address}:${port}/`);
      }
      const networks = () => swarm.docker('network', 'ls', '-q', '--filter', 'name=tour_wide');
      await waitFor(async () => (await networks()) === '', { ms: 30_000, every: 200, what: 'its network is gone' });
    });

    it('has services on the network of their nodes', async () => {
      const seen = service({ mode: 'global' }, { networks: ['hostnet'] });
      const networks = { hostnet: { external: true, name: 'host' } };
      await deploy({ version: '3.8', services: { seen }, networks });
      for (const { machine } of world.nodes) await answer(`http://${machine.address}/`);
      await stack('rm', 'tour');
      for (const { machine } of world.nodes) await refused(`http://${machine.address}/`);
    });
  });
});
