import { beforeAll, describe, expect, it } from 'vitest';
import { TestProject } from './harness/project.js';
import type { Snapshot } from './harness/snapshot.js';
import { useWorld } from './harness/world.js';

const fixture = new URL('fixtures/pair.yaml', import.meta.url).pathname;

/** The same file, with the same service names, three times: twice on one node and once on another. */
describe('projects and nodes beside each other', () => {
  const world = useWorld(2);
  let before: Snapshot[];
  let projects: TestProject[];

  beforeAll(async () => {
    const [one, two] = world.nodes;
    before = [await one!.settled(), await two!.settled()];
    projects = [
      new TestProject(one!, 'red', [fixture]),
      new TestProject(one!, 'blue', [fixture]),
      new TestProject(two!, 'red', [fixture]),
    ];
    await Promise.all(projects.map((project) => project.up()));
  });

  it('answers each with its own', async () => {
    for (const project of projects) {
      const own = await project.addresses('web', 'default');
      expect(await project.lookup('client', 'web')).toEqual(own);
      const { id } = await project.container('web');
      expect(await project.fetch('client', 'http://web/')).toContain(`host: ${id.slice(0, 12)}`);
    }
  });

  it('does not let one project reach the other', async () => {
    const [red, blue] = projects as [TestProject, TestProject];
    const [foreign] = await blue.addresses('web', 'default');
    const [own] = await red.addresses('web', 'default');
    expect(foreign).not.toBe(own);
    expect(await red.pings('client', own!)).toBe(true);
    expect(await red.pings('client', foreign!)).toBe(false);
    expect(await red.lookup('client', 'blue-web-1')).toEqual([]);
  });

  it('does not show one node what is on the other', async () => {
    const [one, two] = world.nodes;
    const names = async (index: number) => (await world.nodes[index]!.must(['ls'])).match(/\b(red|blue)\b/g)?.sort();
    expect(await names(0)).toEqual(['blue', 'red']);
    expect(await names(1)).toEqual(['red']);
    expect((await one!.info()).nodeId).not.toBe((await two!.info()).nodeId);
    const running = await projects[2]!.containers();
    await projects.shift()!.down();
    const [, elsewhere] = projects as [TestProject, TestProject];
    expect((await elsewhere.containers()).map(({ id }) => id)).toEqual(running.map(({ id }) => id));
    expect(await elsewhere.fetch('client', 'http://web/')).toContain('host: ');
  });

  it('leaves nothing when they go', async () => {
    for (const project of projects) await project.down();
    const after = await Promise.all(world.nodes.map((node, index) => node.returnsTo(before[index]!)));
    expect(after).toEqual(before);
  });
});
