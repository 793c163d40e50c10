import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import { digTimes, firsts } from './harness/dig.js';
import { killPart, powerOff } from './harness/faults.js';
import { DEMO_IMAGE } from './harness/image.js';
import type { TestNode } from './harness/node.js';
import { TestProject } from './harness/project.js';
import { serving, Swarm, tasksOn } from './harness/swarm.js';
import { useWorld } from './harness/world.js';

const SOON = { ms: 10_000, every: 100 };

describe('containers outside services on an overlay network', () => {
  const world = useWorld(3);
  let manager: TestNode;
  let one: TestNode;
  let two: TestNode;

  interface Box {
    node: TestNode;
    id: string;
    name: string;
  }
  const boxes = new Map<string, Box>();
  const box = (name: string) => boxes.get(name)!;

  async function run(node: TestNode, name: string, ...options: string[]): Promise<Box> {
    const id = (await node.mustDocker(['run', '-d', '--name', name, ...options, DEMO_IMAGE, 'idle'])).trim();
    boxes.set(name, { node, id, name });
    return box(name);
  }
  const said = async (node: TestNode, ...args: string[]) => (await node.docker(args)).stderr;
  const networksOn = async (node: TestNode) =>
    (await node.mustDocker(['network', 'ls', '--filter', 'driver=overlay', '--format', '{{.Name}} {{.Scope}}']))
      .split('\n')
      .filter((line) => line !== '' && line !== 'ingress swarm');
  const networksLeave = (node: TestNode) =>
    waitFor(async () => (await networksOn(node)).length === 0, {
      ...SOON,
      what: 'the node has no network of the swarm',
    });
  const inspect = async ({ node, id }: Pick<Box, 'node' | 'id'>, format: string) =>
    (await node.mustDocker(['inspect', '--format', format, id])).trim();
  const address = (at: Pick<Box, 'node' | 'id'>, network = 'mesh') =>
    inspect(at, `{{(index .NetworkSettings.Networks "${network}").IPAddress}}`);
  const ping = ({ node, id }: Box, target: string, ...options: string[]) =>
    node.inSandbox(id, 'ping', ['-c', '1', '-W', '2', ...options, target]);
  /** Other nodes hear of an address that moved a moment after it did. */
  const reaches = (from: Box, target: string) => {
    const answered = () =>
      ping(from, target).then(
        () => true,
        () => false,
      );
    return waitFor(answered, { ms: 3_000, every: 100, what: `${from.name} to reach ${target}, which moved` });
  };
  const asks = async ({ node, id }: Box, name: string, type = 'A') =>
    (await node.inSandbox(id, 'dig', ['@127.0.0.11', '+short', '+tries=1', '+time=5', name, type]))
      .split('\n')
      .filter(Boolean)
      .sort();
  const answers = (asker: Box, name: string, expected: readonly string[]) =>
    waitFor(async () => JSON.stringify(await asks(asker, name)) === JSON.stringify([...expected].sort()), {
      ...SOON,
      what: `${asker.name} hears ${expected.join(', ') || 'nothing'} of ${name}`,
    });

  beforeAll(async () => {
    [manager, one, two] = world.nodes as [TestNode, TestNode, TestNode];
    await Swarm.found(world.nodes, ['--dispatcher-heartbeat', '1s']);
    const subnets = ['--ipv6', '--subnet', '10.0.9.0/24', '--subnet', 'fd00:9::/64'];
    await manager.mustDocker(['network', 'create', '-d', 'overlay', '--attachable', ...subnets, 'mesh']);
    await manager.mustDocker(['network', 'create', '-d', 'overlay', 'closed']);
  });

  it('see the network on a node only once something there uses it', async () => {
    expect(await networksOn(one)).toEqual([]);
    await run(one, 'ann', '--network', 'mesh', '--network-alias', 'shared');
    expect(await networksOn(one)).toEqual(['mesh swarm']);
    expect(await networksOn(two)).toEqual([]);
    await run(two, 'bob', '--network', 'mesh', '--network-alias', 'shared', '--ip', '10.0.9.50', '--ip6', 'fd00:9::50');
    await run(manager, 'cal', '--network', 'mesh');
    expect(await address(box('bob'))).toBe('10.0.9.50');
    expect(new Set(await Promise.all([...boxes.values()].map((each) => address(each)))).size).toBe(3);
    const shown = JSON.parse(await two.mustDocker(['network', 'inspect', 'mesh'])) as { Containers: object }[];
    expect(Object.values(shown[0]!.Containers)).toMatchObject([
      { Name: 'bob', IPv4Address: '10.0.9.50/24', IPv6Address: 'fd00:9::50/64' },
    ]);
  });

  it('reach each other by name on all nodes, by IPv4 and IPv6, and the outside', async () => {
    for (const from of boxes.values()) {
      for (const to of boxes.values()) {
        await answers(from, to.name, [await address(to)]);
        const [six] = await asks(from, to.name, 'AAAA');
        await ping(from, await address(to));
        await ping(from, six!, '-6');
      }
      await ping(from, world.outside.address);
    }
  });

  it('share an alias over nodes, each first equally often, in both families', async () => {
    const both = [await address(box('ann')), '10.0.9.50'].sort();
    await answers(box('cal'), 'shared', both);
    const turns = await digTimes(manager, box('cal').id, 'shared', 20, 'udp');
    expect(Object.fromEntries(firsts(turns))).toEqual(Object.fromEntries(both.map((each) => [each, 10])));
    expect(await asks(box('cal'), 'shared', 'AAAA')).toHaveLength(2);
  });

  it('are refused where they cannot be, in Docker’s words where it has some', async () => {
    const create = (...options: string[]) => said(one, 'run', '--rm', ...options, DEMO_IMAGE, 'true');
    expect(await create('--network', 'closed')).toContain(
      'Could not attach to network closed: rpc error: code = PermissionDenied desc = network closed not manually attachable',
    );
    expect(await create('--network', 'nowhere')).toContain('network nowhere not found');
    expect(await create('--network', 'mesh', '--ip', '10.0.9.50')).toContain(
      'address 10.0.9.50 is already in use by container bob',
    );
    expect(await create('--network', 'mesh', '--ip', '10.0.8.1')).toContain('is not a usable address of subnet');
    expect(await said(manager, 'network', 'rm', 'mesh')).toMatch(/network \S+ is in use by container (ann|bob|cal) \(/);
    expect(await networksOn(one)).toEqual(['mesh swarm']);
  });

  it('talk with tasks of services, and services by their names', async () => {
    const options = ['--detach', '--no-resolve-image', '--network', 'mesh', '--endpoint-mode', 'dnsrr'];
    await manager.mustDocker([
      'service',
      'create',
      ...options,
      '--name',
      'web',
      '--replicas',
      '3',
      DEMO_IMAGE,
      'serve',
    ]);
    const tasks = await waitFor(
      async () => {
        const found = await asks(box('ann'), 'web');
        return found.length === 3 && found;
      },
      { ms: 60_000, every: 200, what: 'the service has three replicas' },
    );
    const replicas = (await Promise.all(world.nodes.map(tasksOn))).flat();
    await serving(replicas.filter(({ service }) => service === 'web'));
    for (const from of boxes.values()) {
      for (const task of tasks)
        expect(await from.node.inSandbox(from.id, 'curl', ['-s', `http://${task}/`])).toMatch(/host: /);
    }
    await manager.mustDocker(['service', 'rm', 'web']);
  });

  it('join and leave while they run, and their address is anybody’s again', async () => {
    const dan = await run(one, 'dan');
    await one.mustDocker(['network', 'connect', '--alias', 'late', '--ip', '10.0.9.60', 'mesh', 'dan']);
    await answers(box('cal'), 'late', ['10.0.9.60']);
    await ping(box('cal'), '10.0.9.60');
    await one.mustDocker(['network', 'disconnect', 'mesh', 'dan']);
    expect(await inspect(dan, '{{len .NetworkSettings.Networks}}')).toBe('1');
    await answers(box('cal'), 'late', []);
    await two.mustDocker(['network', 'connect', '--ip', '10.0.9.60', 'mesh', (await run(two, 'eve')).name]);
    await reaches(box('ann'), '10.0.9.60');
    for (const name of ['dan', 'eve']) await box(name).node.mustDocker(['rm', '-f', name]);
    boxes.delete('dan');
    boxes.delete('eve');
  });

  it('are parts of Compose projects, and keep a static address when they are made anew', async () => {
    const folder = join(one.folder, 'project');
    const write = (value: number) =>
      writeFile(
        join(folder, 'compose.yaml'),
        `services:
  box:
    image: ${DEMO_IMAGE}
    command: [idle]
    environment: {VALUE: ${value}}
    networks: {mesh: {ipv4_address: 10.0.9.70}}
networks: {mesh: {external: true}}
`,
      );
    await mkdir(folder);
    await write(1);
    const project = new TestProject(one, 'shop', [join(folder, 'compose.yaml')]);
    await project.up();
    await answers(box('cal'), 'box', ['10.0.9.70']);
    await write(2);
    await project.up();
    await answers(box('cal'), 'box', ['10.0.9.70']);
    await ping(box('cal'), '10.0.9.70');
    await project.down();
    await answers(box('cal'), 'box', []);
  });

  it('give their address back when they stop, and get it again where it is free', async () => {
    const before = await address(box('ann'));
    await one.mustDocker(['stop', '-t', '0', 'ann']);
    await answers(box('cal'), 'ann', []);
    await networksLeave(one);
    expect(await inspect(box('ann'), '{{range $name, $_ := .NetworkSettings.Networks}}{{$name}}{{end}}')).toBe('mesh');
    await one.mustDocker(['start', 'ann']);
    expect(await address(box('ann'))).toBe(before);
    await answers(box('cal'), 'ann', [before]);
  });

  it('go on while the manager is away: what has its place starts, a new one is told why not', async () => {
    const before = await address(box('ann'));
    await manager.stop('SIGKILL');
    await one.mustDocker(['restart', '-t', '0', 'ann']);
    expect(await address(box('ann'))).toBe(before);
    await answers(box('bob'), 'ann', [before]);
    await ping(box('bob'), before);
    expect(await said(two, 'run', '--rm', '--network', 'mesh', DEMO_IMAGE, 'true')).toContain(
      'no manager of the swarm answers, which gives addresses to containers',
    );
    await killPart(one, 'agent');
    await waitFor(async () => (await one.docker(['exec', 'ann', 'true'])).code === 0, {
      ...SOON,
      what: 'the agent is back',
    });
    await manager.start();
    const all = ['fay', 'gus', 'hal'];
    for (const [index, name] of all.entries()) await run(world.nodes[index]!, name, '--network', 'mesh');
    const addresses = await Promise.all([...boxes.values()].map((each) => address(each)));
    expect(new Set(addresses).size).toBe(6);
    await ping(box('hal'), before);
    await answers(box('hal'), 'ann', [before]);
    await Promise.all(all.map((name) => box(name).node.mustDocker(['rm', '-f', name])));
    for (const name of all) boxes.delete(name);
  });

  it('are there again after a reboot, where they were', async () => {
    const rob = await run(two, 'rob', '--network', 'mesh', '--restart', 'unless-stopped');
    const before = await address(rob);
    await powerOff(two);
    await two.start();
    await waitFor(async () => (await inspect(rob, '{{.State.Running}}')) === 'true', {
      ms: 30_000,
      every: 200,
      what: 'rob runs',
    });
    expect(await address(rob)).toBe(before);
    await answers(box('cal'), 'rob', [before]);
    await ping(box('cal'), before);
    // What does not run holds nothing.
    if ((await inspect(box('bob'), '{{.State.Running}}')) === 'false') await answers(box('cal'), 'bob', []);
    await two.mustDocker(['rm', '-f', 'bob', 'rob']);
  });

  it('leave a network that can be removed at once, and pruned', async () => {
    await one.mustDocker(['rm', '-f', 'ann']);
    await networksLeave(one);
    await manager.mustDocker(['rm', '-f', 'cal']);
    await manager.mustDocker(['network', 'rm', 'mesh']);
    const pruned = await manager.mustDocker(['network', 'prune', '-f']);
    expect(pruned).toContain('closed');
    expect(await networksOn(manager)).toEqual([]);
  });
});
