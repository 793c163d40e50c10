import { beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import { killPart } from './harness/faults.js';
import { DEMO_IMAGE } from './harness/image.js';
import type { TestNode } from './harness/node.js';
import type { Snapshot } from './harness/snapshot.js';
import { useWorld } from './harness/world.js';

const NETWORK = 'MyBridgeNetwork';
const LINK = '{{index .Options "com.docker.network.windowsshim.networkname"}}';

describe.each(['l2bridge', 'l2tunnel'])('a network of driver %s, by the docker CLI', (driver) => {
  const world = useWorld(2);
  const before: Snapshot[] = [];
  let segment: string;
  const address = (last: number) => `${segment}.${last}`;
  const run = (node: TestNode, name: string, last: number) =>
    node.mustDocker(['run', '-d', '--name', name, '--network', NETWORK, '--ip', address(last), DEMO_IMAGE, 'serve']);
  /** Fails unless a container gets an answer; one that has just started may not listen yet. */
  const fetch = (node: TestNode, from: string, to: string) => {
    const wget = ['exec', from, 'timeout', '3', 'wget', '-q', '-O', '-', `http://${to}/`];
    const answered = async () => (await node.docker(wget)).code === 0;
    return waitFor(answered, { ms: 15_000, every: 100, what: `${from} gets http://${to}/` });
  };
  const uplinkOf = async (node: TestNode) =>
    (await node.machine.must('ip', ['-o', 'link', 'show', 'dev', 'uplink'])).match(/link\/ether (\S+)/)![1]!;

  beforeAll(async () => {
    segment = world.outside.address.split('.').slice(0, 3).join('.');
    for (const port of driver === 'l2tunnel' ? ['port1', 'port2'] : []) {
      await world.outside.must('ip', ['link', 'set', 'dev', port, 'type', 'bridge_slave', 'hairpin', 'on']);
    }
    for (const node of world.nodes) before.push(await node.settled());
  });

  it('is refused without a subnet and a gateway, and told those that the node knows', async () => {
    const { code, stderr } = await world.node.docker(['network', 'create', '-d', driver, NETWORK]);
    expect(code).not.toBe(0);
    expect(stderr).toContain(
      `driver ${driver} needs a subnet and a gateway for IPv4 (--subnet, --gateway, ipam.config), those of the ` +
        `physical network; this node's uplink has address ${world.node.machine.address}/24, router ${world.outside.address}`,
    );
  });

  it('is made with those of the physical network, and holds its interface alone', async () => {
    const pool = [`--subnet=${segment}.0/24`, `--gateway=${world.outside.address}`];
    for (const node of world.nodes) await node.mustDocker(['network', 'create', '-d', driver, ...pool, NETWORK]);
    const { code, stderr } = await world.node.docker(['network', 'create', '-d', driver, ...pool, 'second']);
    expect([code, stderr]).toEqual([1, expect.stringContaining(`interface uplink is in use by network ${NETWORK}`)]);
    await run(world.node, 'web', 100);
    await run(world.node, 'peer', 101);
    await run(world.nodes[1]!, 'far', 110);
  });

  it('connects containers of one node, of two nodes, the outside and the node', async () => {
    const [node, other] = [world.node, world.nodes[1]!];
    await fetch(node, 'web', address(101));
    await fetch(node, 'web', address(110));
    await fetch(other, 'far', address(100));
    for (const last of [100, 101, 110]) expect(await world.outside.get(`http://${address(last)}/`)).toBeDefined();
    expect(await node.machine.get(`http://${address(100)}/`)).toBeDefined();
    expect(await other.machine.get(`http://${address(100)}/`)).toBeDefined();
    for (const to of [world.outside.address, node.machine.address, other.machine.address]) {
      expect((await node.docker(['exec', 'web', 'ping', '-c', '1', '-W', '2', to])).code).toBe(0);
    }
  });

  it("shows the outside the node's MAC for its containers", async () => {
    const neighbours = await world.outside.must('ip', ['neigh']);
    const [here, there] = [await uplinkOf(world.node), await uplinkOf(world.nodes[1]!)];
    expect(neighbours).toContain(`${address(100)} dev switch lladdr ${here}`);
    expect(neighbours).toContain(`${address(101)} dev switch lladdr ${here}`);
    expect(neighbours).toContain(`${address(110)} dev switch lladdr ${there}`);
  });

  it('goes on while the agent is killed, and is mended after', async () => {
    const bridge = (await world.node.mustDocker(['network', 'inspect', '-f', LINK, NETWORK])).trim();
    await killPart(world.node, 'agent');
    expect(await world.outside.get(`http://${address(100)}/`)).toBeDefined();
    await world.node.machine.must('ip', ['link', 'delete', bridge]);
    await waitFor(async () => (await world.outside.get(`http://${address(100)}/`)) !== undefined, {
      ms: 20_000,
      every: 200,
      what: 'the container answers again',
    });
    await fetch(world.node, 'web', address(101));
  });

  it('leaves both nodes as they were', async () => {
    const [node, other] = [world.node, world.nodes[1]!];
    await node.mustDocker(['rm', '-f', 'web', 'peer']);
    await other.mustDocker(['rm', '-f', 'far']);
    for (const each of world.nodes) await each.mustDocker(['network', 'rm', NETWORK]);
    expect(await node.returnsTo(before[0]!)).toEqual(before[0]);
    expect(await other.returnsTo(before[1]!)).toEqual(before[1]);
  });
});
