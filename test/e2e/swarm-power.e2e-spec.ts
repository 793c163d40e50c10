import { beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import { powerOff } from './harness/faults.js';
import { DEMO_IMAGE } from './harness/image.js';
import type { TestNode } from './harness/node.js';
import { Swarm } from './harness/swarm.js';
import { useWorld } from './harness/world.js';

describe('a swarm whose nodes all lose their power', () => {
  const world = useWorld(3);
  let swarm: Swarm;

  const plain = (node: TestNode, name: string) => node.mustDocker(['inspect', name, '--format', '{{.State.Status}}']);
  const counts = async () =>
    (await swarm.docker('service', 'ls', '--format', '{{.Name}} {{.Replicas}}')).split('\n').sort().join(', ');

  beforeAll(async () => {
    swarm = await Swarm.found(world.nodes, ['--dispatcher-heartbeat', '1s']);
    await swarm.docker('network', 'create', '-d', 'overlay', 'wide');
    const create = ['service', 'create', '-d', '--no-resolve-image', '--network', 'wide', '--restart-delay', '1s'];
    await swarm.docker(...create, '--name', 'each', '--mode', 'global', DEMO_IMAGE, 'idle');
    await swarm.docker(...create, '--name', 'web', '--replicas', '3', DEMO_IMAGE, 'idle');
    await swarm.running(6);
    for (const node of world.nodes) {
      await node.mustDocker(['run', '-d', '--name', 'once', DEMO_IMAGE, 'idle']);
      await node.mustDocker(['run', '-d', '--name', 'kept', '--restart', 'unless-stopped', DEMO_IMAGE, 'idle']);
      await node.mustDocker(['run', '-d', '--name', 'ended', '--restart', 'on-failure', DEMO_IMAGE, 'true']);
    }
    await Promise.all(world.nodes.map(powerOff));
    await Promise.all(world.nodes.map((node) => node.start()));
  });

  it('runs each service again, once, and says so', async () => {
    await waitFor(async () => (await counts()) === 'each 3/3, web 3/3', {
      ms: 90_000,
      every: 300,
      what: 'all replicas run, and no more are wanted',
    }).catch(async (error: Error) => {
      throw new Error(`${error.message}: ${await counts()}`);
    });
    const placed = await swarm.running(6);
    expect(new Set(placed.map(({ addresses }) => addresses['wide'])).size).toBe(6);
    for (const node of world.nodes) {
      expect(placed.filter((task) => task.node === node && task.service === 'each')).toHaveLength(1);
    }
  });

  it('does not start what has no restart policy, and what has ended', async () => {
    for (const node of world.nodes) {
      await waitFor(async () => (await plain(node, 'kept')).trim() === 'running', {
        ms: 20_000,
        every: 200,
        what: 'what is to run always runs again',
      });
      expect((await plain(node, 'once')).trim()).toBe('exited');
      expect((await plain(node, 'ended')).trim()).toBe('exited');
      expect((await node.mustDocker(['inspect', 'once', '--format', '{{.State.ExitCode}}'])).trim()).toMatch(
        /^(255|137)$/,
      );
    }
  });
});
