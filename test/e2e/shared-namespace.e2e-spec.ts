import { describe, expect, it } from 'vitest';
import { TestProject } from './harness/project.js';
import { useWorld } from './harness/world.js';

const fixture = new URL('fixtures/shared-namespace.yaml', import.meta.url).pathname;

describe('network_mode, pid and ipc: service:NAME', () => {
  const world = useWorld();

  it('comes up in the namespaces of the other container, and goes down in the order that the engine needs', async () => {
    const before = await world.node.settled();
    const project = new TestProject(world.node, 'shared', [fixture]);
    await project.up();
    const { stdout } = await project.exec('guest', 'wget', '-q', '-O', '-', 'http://127.0.0.1/');
    expect(stdout).toContain('host: ');
    expect(await project.lookup('guest', 'owner')).toEqual(await project.addresses('owner', 'default'));
    expect(await sharedBy(project)).toEqual(['pid', 'ipc']);
    await project.up('--force-recreate');
    expect((await project.exec('guest', 'wget', '-q', '-O', '-', 'http://127.0.0.1/')).code).toBe(0);
    expect(await sharedBy(project)).toEqual(['pid', 'ipc']);
    await project.down();
    expect(await world.node.returnsTo(before)).toEqual(before);
  });
});

/** Which namespaces of `owner` the processes of `watcher` are in. */
async function sharedBy(project: TestProject): Promise<string[]> {
  const kinds = ['net', 'pid', 'ipc'];
  const of = async (service: string) => {
    const { stdout } = await project.exec(
      service,
      'sh',
      '-c',
      kinds.map((kind) => `readlink /proc/self/ns/${kind}`).join(';'),
    );
    return stdout.trim().split('\n');
  };
  const [watcher, owner] = [await of('watcher'), await of('owner')];
  return kinds.filter((_kind, at) => watcher[at] === owner[at]);
}
