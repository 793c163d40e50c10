import { beforeAll, describe, expect, it } from 'vitest';
import { DEMO_IMAGE } from './harness/image.js';
import { useWorld } from './harness/world.js';

describe('skep trace', () => {
  const world = useWorld();
  const run = (name: string, network: string, ...more: string[]) =>
    world.node.mustDocker(['run', '-d', '--name', name, '--network', network, ...more, DEMO_IMAGE, 'serve']);
  /** What it says last, and that traffic agrees: `wget` from the same container to the same place. */
  const trace = async (from: string, to: string) => {
    const { code, stdout } = await world.node.skep(['trace', from, to]);
    const fetched = await world.node.docker(['exec', from, 'timeout', '2', 'wget', '-q', '-O', '-', `http://${to}/`]);
    return { reached: code === 0, stdout, fetched: fetched.code === 0 };
  };

  beforeAll(async () => {
    await world.node.mustDocker(['network', 'create', 'front']);
    await world.node.mustDocker(['network', 'create', 'back']);
    await world.node.mustDocker(['network', 'create', '--internal', 'dark']);
    await run('web', 'front');
    await run('db', 'front');
    await run('far', 'back', '-p', '8080:80');
    await run('inner', 'dark');
    await run('ended', 'front');
    await world.node.mustDocker(['stop', '-t', '0', 'ended']);
  });

  it.each([
    ['db', 'db:80'],
    ['a published port', ':8080'],
  ])('says that %s is reached', async (_what, to) => {
    const found = await trace('web', to.startsWith(':') ? world.node.machine.address + to : to);
    expect(found, found.stdout).toMatchObject({ reached: true, fetched: true });
    expect(found.stdout).toMatch(/ok {2}listener/);
  });

  it.each([
    ['web', 'dbb:80', 'no such name: nobody on this node is called dbb', 'did you mean db?'],
    [
      'web',
      'far:80',
      'web and far share no network: web is on front, far is on back',
      'docker network connect back web',
    ],
    ['web', 'ended:80', 'ended does not run: it ended with code', 'docker start ended'],
    ['web', 'db:81', 'nothing in db listens at 81/tcp', 'it listens at 80/tcp'],
    [
      'inner',
      '192.0.2.1:80',
      'inner has no route to 192.0.2.1: dark is internal',
      'docker network connect NETWORK inner',
    ],
  ])('says why %s does not reach %s', async (from, to, says, advice) => {
    const found = await trace(from, to);
    expect(found, found.stdout).toMatchObject({ reached: false, fetched: false });
    expect(found.stdout).toContain(`NO  `);
    expect(found.stdout).toContain(says);
    expect(found.stdout).toContain(advice);
  });

  it('answers as JSON, and in words what it does not know', async () => {
    const found = JSON.parse(await world.node.must(['trace', 'web', 'db', '--format', 'json']));
    expect(found).toMatchObject({ from: 'web', to: 'db', reached: true, checks: expect.any(Array) });
    expect((await world.node.skep(['trace', 'nobody', 'db'])).stderr).toContain('No such container: nobody');
  });
});
