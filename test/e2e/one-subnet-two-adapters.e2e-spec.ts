import { beforeAll, describe, expect, it } from 'vitest';
import { DockerLab } from './harness/docker-lab.js';
import { DEMO_IMAGE } from './harness/image.js';
import type { Snapshot } from './harness/snapshot.js';
import { useWorld } from './harness/world.js';

const INTERFACE = 'com.docker.network.windowsshim.interface';

/** Two adapters of a node lead to one physical network: a network on each, of the same subnet. */
describe.each(['transparent', 'l2bridge'])('one subnet on two adapters, the second one by %s', (driver) => {
  const world = useWorld();
  const lab = new DockerLab(world);
  let before: Snapshot;
  let segment: string;

  beforeAll(async () => {
    segment = world.outside.address.split('.').slice(0, 3).join('.');
    await world.outside.must('ip', ['-batch', '-'], {
      input: `link add port90 type veth peer name second netns ${world.node.machine.name}\nlink set port90 master switch up\n`,
    });
    await world.node.machine.must('ip', ['link', 'set', 'second', 'up']);
    before = await world.node.settled();
  });

  const create = (name: string, how: string, adapter: string) => {
    const pool = ['--subnet', `${segment}.0/24`, '--gateway', world.outside.address, '--ip-range', `${segment}.64/29`];
    return world.node.docker(['network', 'create', '-d', how, ...pool, '-o', `${INTERFACE}=${adapter}`, name]);
  };
  /** The port of the switch by which the frames of an address come. */
  const portOf = async (address: string) => {
    expect((await world.outside.run('ping', ['-c', '1', '-W', '2', address])).code).toBe(0);
    const [seen] = JSON.parse(await world.outside.must('ip', ['-j', 'neigh', 'show', address])) as { lladdr: string }[];
    const learnt = await world.outside.must('bridge', ['fdb', 'show', 'br', 'switch']);
    return new RegExp(`${seen!.lladdr} dev (\\S+) `).exec(learnt)?.[1];
  };

  it('gives each address once, whichever network it is asked of', async () => {
    expect(await create('one', 'transparent', 'uplink')).toMatchObject({ code: 0, stderr: '' });
    const second = await create('two', driver, 'second');
    expect(second.code, second.stderr).toBe(0);
    await lab.serve('a1', '--network=one');
    await lab.serve('b1', '--network=two');
    await lab.serve('a2', '--network=one');
    await lab.serve('b2', '--network=two', `--ip=${segment}.99`);
    const given = await Promise.all(['a1', 'b1', 'a2'].map((name) => lab.addressOf(name)));
    expect(new Set(given).size).toBe(3);
    expect(given.filter((each) => !/\.(6[4-9]|7[01])$/.test(each))).toEqual([]);
    expect(await lab.refusal('run', '-d', '--network=one', `--ip=${segment}.99`, DEMO_IMAGE, 'idle')).toMatch(
      /in use/i,
    );
  });

  it('reaches each by the adapter of its network, and all of them each other', async () => {
    const names = ['a1', 'a2', 'b1', 'b2'];
    const addresses = await Promise.all(names.map((name) => lab.addressOf(name)));
    for (const [n, name] of names.entries()) {
      const address = addresses[n]!;
      expect([name, await portOf(address)]).toEqual([name, name.startsWith('a') ? 'port1' : 'port90']);
      expect(await world.outside.get(`http://${address}/`)).toContain(`eth0: ${address}`);
      expect(await world.node.machine.get(`http://${address}/`)).toContain(`eth0: ${address}`);
      for (const other of addresses) expect([name, other, await lab.pings(name, other)]).toEqual([name, other, true]);
      expect(await lab.pings(name, world.node.machine.address)).toBe(true);
    }
  });

  it('leaves the node as it was', async () => {
    await lab.docker('rm', '-f', 'a1', 'a2', 'b1', 'b2');
    await lab.docker('network', 'rm', 'one', 'two');
    expect(await world.node.returnsTo(before)).toEqual(before);
  });
});
