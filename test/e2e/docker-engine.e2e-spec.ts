import { beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import { TestProject } from './harness/project.js';
import type { Snapshot } from './harness/snapshot.js';
import { useWorld } from './harness/world.js';

const fixture = new URL('fixtures/steady.yaml', import.meta.url).pathname;

/**
 * The other engine. With SKEP_TEST_ENGINE=docker the other specs run with it, too, but for what docs/guide/engines.md
 * lists: their engine has no network, so those of registries and builds are skipped.
 */
describe('Docker Engine underneath', () => {
  const world = useWorld(1, () => ({ engine: 'docker' }));
  let before: Snapshot;
  let project: TestProject;

  beforeAll(async () => {
    before = await world.node.settled();
    project = new TestProject(world.node, 'steady', [fixture]);
    await project.up();
  });

  const healthy = async () => (await project.container('web').catch(() => undefined))?.health === 'healthy';
  const becomesHealthy = () => waitFor(healthy, { ms: 15_000, every: 100, what: 'web is healthy' });
  const answers = () => project.fetch('client', 'http://web/');

  it('is what the node works with', async () => {
    const { engine } = await world.node.info();
    expect(engine).toMatchObject({ name: 'docker', runtime: 'runc' });
    expect(await world.node.must(['doctor'])).toContain(`engine:         docker ${engine.version}`);
  });

  it("has containers in skep's networks, in both families, under their names and ports", async () => {
    await becomesHealthy();
    const web = await project.container('web');
    const addresses = (await project.exec('web', 'ip', '-o', 'addr', 'show', 'dev', 'eth0')).stdout;
    for (const address of [web.networks[0]!.ipv4, web.networks[0]!.ipv6]) expect(addresses).toContain(`${address}/`);
    expect(await project.lookup('client', 'web')).toContain(web.networks[0]!.ipv4);
    expect(await answers()).toContain(`host: ${web.id.slice(0, 12)}`);
    const published = () => world.outside.get(`http://${world.node.machine.address}:8095/`);
    await waitFor(async () => (await published())?.includes('host: '), { ms: 15_000, every: 100, what: 'the port' });
    expect(await project.must('logs', 'client')).toContain('a line of the client');
  });

  it('leaves health and restarts to skep', async () => {
    const addresses = await project.addresses('web', 'default');
    const { State } = await world.node.dockerd!.docker.getContainer(await engineId('web')).inspect();
    process.kill(State.Pid, 'SIGKILL');
    await waitFor(async () => (await project.container('web').catch(() => undefined))?.restartCount === 1, {
      ms: 15_000,
      every: 100,
      what: 'web runs again',
    });
    expect(await project.addresses('web', 'default')).toEqual(addresses);
    await becomesHealthy();
  });

  it('may go away and come back', async () => {
    const dockerd = world.node.dockerd!;
    await dockerd.stop();
    const refused = await world.node.skep(['up', '-d']);
    expect(refused.code).not.toBe(0);
    await dockerd.start();
    const back = async () => (await answers().catch(() => ''))?.includes('host: ');
    await waitFor(back, { ms: 60_000, every: 500, what: 'both containers run again' });
  });

  it('leaves nothing when the project goes', async () => {
    await project.down();
    expect(await world.node.returnsTo(before)).toEqual(before);
  });

  async function engineId(service: string): Promise<string> {
    const { id } = await project.container(service);
    const filters = JSON.stringify({ label: [`io.skep.container=${id}`] });
    const [found] = await world.node.dockerd!.docker.listContainers({ filters });
    return found!.Id;
  }
});
