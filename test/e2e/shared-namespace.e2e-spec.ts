import { describe, expect, it } from 'vitest';
import { TestProject } from './harness/project.js';
import { useWorld } from './harness/world.js';

const fixture = new URL('fixtures/shared-namespace.yaml', import.meta.url).pathname;

describe('network_mode: service:NAME', () => {
  const world = useWorld();

  it('comes up in the namespace of the other container, and goes down in the order that the engine needs', async () => {
    const before = await world.node.settled();
    const project = new TestProject(world.node, 'shared', [fixture]);
    await project.up();
    const { stdout } = await project.exec('guest', 'wget', '-q', '-O', '-', 'http://127.0.0.1/');
    expect(stdout).toContain('host: ');
    expect(await project.lookup('guest', 'owner')).toEqual(await project.addresses('owner', 'default'));
    await project.up('--force-recreate');
    expect((await project.exec('guest', 'wget', '-q', '-O', '-', 'http://127.0.0.1/')).code).toBe(0);
    await project.down();
    expect(await world.node.returnsTo(before)).toEqual(before);
  });
});
