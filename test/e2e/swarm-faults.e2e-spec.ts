import { beforeAll, describe, expect, it } from 'vitest';
import { systemClock, waitFor } from '#lib/common';
import { digTimes } from './harness/dig.js';
import type { TestNode } from './harness/node.js';
import { killProcessesOf } from './harness/processes.js';
import { oneView, Swarm, tasksOn, type Placed } from './harness/swarm.js';
import { useWorld } from './harness/world.js';

/** Milliseconds. */
const HEARTBEAT = 1_000;
/** A node is down after three heartbeats; the rest is for a busy machine. */
const DOWN_WITHIN = 3 * HEARTBEAT + 3_000;
/**
 * Seconds that a worker is cut off; SKEP_TEST_PARTITION=60 is the long one. By itself TCP would try again 25 s after it was cut
 * off, and 51 s after.
 */
const PARTITION = Number(process.env['SKEP_TEST_PARTITION'] ?? 30);
const REPLICAS = 4;

describe('nodes that are cut off, and nodes that die', () => {
  const world = useWorld(3);
  let swarm: Swarm;
  let lost: TestNode;
  let others: TestNode[];
  const state = async () =>
    (await swarm.manager.json<{ Status: { State: string } }>(`/nodes/${swarm.id(2)}`)).Status.State;
  const addressesOf = (tasks: readonly Placed[]) => tasks.map(({ addresses }) => addresses['wide']!).sort();
  /** of a client on that node, for the service `web` */
  const answer = async (client: Placed, name = 'web') =>
    (await digTimes(client.node, client.id, name, 1, 'udp'))[0] ?? [];
  const port = async (verb: readonly string[]) => world.outside.must('ip', ['link', 'set', 'dev', 'port3', ...verb]);
  const cut = () => port(['nomaster']);
  const join = () => port(['master', 'switch']);

  beforeAll(async () => {
    swarm = await Swarm.found(world.nodes, ['--dispatcher-heartbeat', `${HEARTBEAT}ms`]);
    lost = world.nodes[2]!;
    others = world.nodes.slice(0, 2);
    await swarm.docker('network', 'create', '-d', 'overlay', 'wide');
    await swarm.service('client', 3, ['--network', 'wide'], 'idle');
    await swarm.service('web', REPLICAS, ['--network', 'wide', '--endpoint-mode', 'dnsrr']);
    await swarm.running(3 + REPLICAS);
    await oneView(swarm, 'wide', { web: addressesOf(swarm.of('web')) });
  });

  /** Tasks of `web` on the nodes that were not lost: as many as are to be, and all of them answer. */
  const moved = () =>
    waitFor(
      async () => {
        const found = (await Promise.all(others.map(tasksOn))).flat();
        const web = found.filter(({ service }) => service === 'web');
        return web.length === REPLICAS && found.every(({ address }) => address !== '') && found;
      },
      { ms: 60_000, every: 200, what: 'the tasks run elsewhere' },
    );

  /** Every look-up on the nodes that are left, from now until `end` resolves, is without these addresses. */
  const neverAnswered = async (gone: readonly string[], end: () => Promise<unknown>) => {
    const clients = swarm.of('client').filter(({ node }) => node !== lost);
    const bad = async () => (await Promise.all(clients.map((client) => answer(client)))).flat();
    await waitFor(async () => !(await bad()).some((each) => gone.includes(each)), {
      ms: 2_000,
      every: 20,
      what: 'the addresses of the lost node are withdrawn',
    });
    let over = false;
    const ended = end().finally(() => (over = true));
    const seen = new Set<string>();
    // Until it is over, whatever comes of it.
    await waitFor(async () => ((await bad()).forEach((each) => seen.add(each)), over), {
      ms: 120_000,
      every: 50,
      what: 'the end',
    });
    await ended;
    expect([...seen].filter((each) => gone.includes(each))).toEqual([]);
  };

  it('a worker that is cut off goes on by itself, and when it is back there is one view', async () => {
    const own = swarm.on(lost);
    const before = own.map(({ id }) => id).sort();
    const client = own.find(({ service }) => service === 'client')!;
    const web = own.find(({ service }) => service === 'web')!;
    await cut();
    const begin = Date.now();
    await waitFor(async () => (await state()) === 'down', { ms: DOWN_WITHIN, every: 50, what: 'the node is down' });
    await neverAnswered(addressesOf(own), moved);
    while (Date.now() - begin < PARTITION * 1000) {
      expect((await tasksOn(lost)).map(({ id }) => id).sort()).toEqual(before);
      await lost.inSandbox(client.id, 'curl', ['-s', '-m', '3', `http://${web.addresses['wide']}/`]);
      expect(await answer(client)).toContain(web.addresses['wide']);
      await systemClock.sleep(500);
    }
    await join();
    await waitFor(async () => (await state()) === 'ready', { ms: 20_000, every: 100, what: 'the node is back' });
    await swarm.running(3 + REPLICAS);
    const all = addressesOf(swarm.placed);
    expect(new Set(all).size).toBe(all.length);
    await oneView(swarm, 'wide', {
      web: addressesOf(swarm.of('web')),
      'tasks.client': addressesOf(swarm.of('client')),
    });
  });

  it('a node that dies is down in time, its addresses are never answered again, and its return disturbs nothing', async () => {
    // Something is to be on it: what was moved stays where it went.
    await swarm.docker('service', 'update', '--detach', '--force', '--update-parallelism', '0', 'web');
    await waitFor(
      async () => {
        const found = await swarm.running(3 + REPLICAS);
        return found.some(({ node, service }) => node === lost && service === 'web');
      },
      { ms: 60_000, every: 200, what: 'a task on every node' },
    );
    const gone = addressesOf(swarm.on(lost));
    await cut();
    await lost.stop('SIGKILL');
    await killProcessesOf(lost.folder);
    await waitFor(async () => (await state()) === 'down', { ms: DOWN_WITHIN, every: 50, what: 'the node is down' });
    let kept: string[] = [];
    await neverAnswered(gone, async () => {
      kept = (await moved()).map(({ id }) => id).sort();
      await join();
      await lost.start();
      await waitFor(async () => (await state()) === 'ready', { ms: 30_000, every: 100, what: 'the node is back' });
    });
    await waitFor(async () => (await tasksOn(lost)).length === 0, {
      ms: 30_000,
      every: 200,
      what: 'nothing of before runs',
    });
    const now = (await Promise.all(others.map(tasksOn))).flat();
    expect(now.map(({ id }) => id).sort()).toEqual(kept);
    swarm.placed = now;
    await oneView(swarm, 'wide', { web: addressesOf(swarm.of('web')) });
  });

  it('a worker that leaves says so: nobody is led to it any more, and it can be removed at once', async () => {
    await swarm.docker('service', 'update', '--detach', '--force', '--update-parallelism', '0', 'web');
    await waitFor(
      async () => {
        const found = await swarm.running(3 + REPLICAS);
        return found.some(({ node, service }) => node === lost && service === 'web');
      },
      { ms: 60_000, every: 200, what: 'a task on every node' },
    );
    // A heartbeat that would make silence tell three quarters of a minute later.
    await swarm.docker('swarm', 'update', '--dispatcher-heartbeat', '15s');
    const gone = addressesOf(swarm.on(lost));
    await lost.mustDocker(['swarm', 'leave']);
    expect(await swarm.docker('node', 'inspect', swarm.id(2), '--format', '{{json .Status}}')).toMatch(
      /"State":"down","Message":"left the swarm"/,
    );
    await neverAnswered(gone, moved);
    await swarm.docker('node', 'rm', swarm.id(2));
    expect((await lost.mustDocker(['info', '--format', '{{.Swarm.LocalNodeState}}'])).trim()).toBe('inactive');
  });
});
