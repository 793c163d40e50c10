import { beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import { DEMO_IMAGE } from './harness/image.js';
import { type Placed, Swarm } from './harness/swarm.js';
import { useWorld } from './harness/world.js';

/** As `deadlines.e2e-spec.ts`, of more than one node. */
describe('an overlay network', () => {
  const world = useWorld(2);
  let swarm: Swarm;

  beforeAll(async () => {
    swarm = await Swarm.found(world.nodes);
    await swarm.docker('network', 'create', '-d', 'overlay', '--attachable', 'wide');
    await swarm.service('client', 2, ['--network', 'wide', '--replicas-max-per-node', '1'], 'idle');
    await swarm.running(2);
  });

  it('has back within 3 s what somebody else takes from where frames go', async () => {
    const { machine, kernelNames } = world.node;
    const [mine, other] = world.nodes.map((node) => swarm.on(node)[0]) as [Placed, Placed];
    const link = kernelNames.ofNetwork('x', await swarm.docker('network', 'inspect', '--format', '{{.Id}}', 'wide'));
    const known = async () => {
      const said = await Promise.all([
        machine.must('bridge', ['fdb', 'show', 'dev', link]),
        machine.must('ip', ['neigh', 'show', 'nud', 'permanent', 'dev', link]),
      ]);
      const lines = said.flatMap((text) => text.split('\n'));
      return JSON.stringify(lines.map((line) => line.trim()).sort());
    };
    const before = await known();
    const mac = other.macs['wide']!;
    await machine.must('bridge', ['fdb', 'del', mac, 'dev', link, 'self']);
    await machine.run('bridge', ['fdb', 'del', mac, 'dev', link, 'master']);
    await machine.must('ip', ['neigh', 'del', other.address, 'dev', link]);
    await waitFor(async () => (await known()) === before, { ms: 3_000, every: 50, what: 'all entries are back' });
    await mine.node.inSandbox(mine.id, 'ping', ['-c', '1', '-W', '1', other.address]);
  });

  it('says within 10 s that no manager answers, who would give a container its address', async () => {
    await swarm.manager.stop('SIGKILL');
    const began = Date.now();
    const { stderr } = await world.nodes[1]!.docker(['run', '--rm', '--network', 'wide', DEMO_IMAGE, 'true']);
    const took = Date.now() - began;
    expect(stderr).toContain('no manager of the swarm answers, which gives addresses to containers');
    expect(took).toBeLessThan(10_000);
  });
});
