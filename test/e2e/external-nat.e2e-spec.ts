import { beforeAll, describe, expect, it } from 'vitest';
import type { NetworkView } from '#lib/contracts';
import { TestProject } from './harness/project.js';
import type { Snapshot } from './harness/snapshot.js';
import { useWorld } from './harness/world.js';

describe('sample external-nat', () => {
  const world = useWorld();
  let before: Snapshot;
  const nat = () => world.node.json<NetworkView>('/skep/v1/networks/nat');

  beforeAll(async () => {
    before = await world.node.settled();
  });

  it.each(['compose.yaml', 'compose.legacy.yaml'])("joins the node's network and leaves it: %s", async (file) => {
    const project = TestProject.sample(world.node, 'external-nat', file);
    const { id } = await nat();
    await project.up();

    const network = await nat();
    expect(network.id).toBe(id);
    expect(network.containers.map(({ name }) => name).sort()).toEqual(['external-nat-client-1', 'external-nat-web-1']);
    const all = await world.node.json<NetworkView[]>('/skep/v1/networks');
    expect(all.filter(({ name }) => name.startsWith('external-nat'))).toEqual([]);
    const web = await project.container('web');
    expect(web.networks.map(({ name }) => name)).toEqual(['nat']);
    expect(await project.lookup('client', 'web')).toEqual([web.networks[0]!.ipv4]);
    expect(await project.fetch('client', 'http://web/')).toContain(`eth0: ${web.networks[0]!.ipv4}`);

    await project.down();
    expect(await world.node.returnsTo(before)).toEqual(before);
    expect((await nat()).id).toBe(id);
  });

  it('refuses a network that is not there, and makes nothing', async () => {
    const project = new TestProject(world.node, 'external-missing', [
      new URL('fixtures/external-missing.yaml', import.meta.url).pathname,
    ]);
    const { code, stdout, stderr } = await project.skep('up', '-d');
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain('nowhere');
    expect(await world.node.returnsTo(before)).toEqual(before);
  });
});
