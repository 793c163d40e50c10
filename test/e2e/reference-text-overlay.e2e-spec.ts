import { beforeAll, describe, expect, it } from 'vitest';
import type { TestNode } from './harness/node.js';
import { serving, Swarm } from './harness/swarm.js';
import { useWorld } from './harness/world.js';

/** The commands on overlay networks and swarm mode of the text that the drivers' semantics come from, in its order. */
describe('the reference text on overlay networks, by the real docker CLI', () => {
  const world = useWorld(3);
  const NETWORK = 'myOverlayNet';
  const create = ['network', 'create', '--driver=overlay', NETWORK];
  let swarm: Swarm;
  let links: string[];

  const linksOf = async ({ machine }: TestNode) =>
    (JSON.parse(await machine.must('ip', ['-j', 'link'])) as { ifname: string }[]).map(({ ifname }) => ifname).sort();

  beforeAll(async () => {
    links = (await linksOf(world.nodes[1]!)).filter((name) => !name.startsWith('sk'));
  });

  it('overlay networks need a host in swarm mode', async () => {
    expect((await world.node.docker(create)).stderr).toContain('This node is not a swarm manager');
    swarm = await Swarm.found(world.nodes);
  });

  it('they are made on a manager node', async () => {
    expect((await world.nodes[1]!.docker(create)).stderr).toContain('This node is not a swarm manager');
    await swarm.docker(...create);
    expect(
      await swarm.docker('network', 'ls', '--filter', `name=${NETWORK}`, '--format', '{{.Driver}} {{.Scope}}'),
    ).toBe('overlay swarm');
  });

  it('each has an IP subnet of its own from a private prefix', async () => {
    await swarm.docker('network', 'create', '--driver=overlay', 'other');
    const subnets = await Promise.all(
      [NETWORK, 'other'].map((name) =>
        swarm.docker('network', 'inspect', '--format', '{{(index .IPAM.Config 0).Subnet}}', name),
      ),
    );
    expect(new Set(subnets).size).toBe(2);
    for (const subnet of subnets) expect(subnet).toMatch(/^10\.\d+\.\d+\.0\/24$/);
    await swarm.docker('network', 'rm', 'other');
  });

  it('containers of several hosts reach each other by their addresses: bridged on one host, by VXLAN between them', async () => {
    await swarm.service('web', 6, ['--network', NETWORK, '--replicas-max-per-node', '2']);
    const placed = await swarm.running(6);
    expect(world.nodes.map((node) => swarm.on(node).length)).toEqual([2, 2, 2]);
    await serving(placed);
    for (const from of placed.slice(0, 3)) {
      for (const to of placed) {
        const page = await from.node.inSandbox(from.id, 'curl', ['-s', '-m', '5', `http://${to.addresses[NETWORK]!}/`]);
        expect(page).toContain('host: ');
      }
    }
    const device = world.node.kernelNames.ofNetwork(
      'x',
      await swarm.docker('network', 'inspect', '--format', '{{.Id}}', NETWORK),
    );
    const [link] = JSON.parse(await world.node.machine.must('ip', ['-j', '-d', 'link', 'show', device])) as {
      linkinfo: { info_kind: string };
    }[];
    expect(link!.linkinfo.info_kind).toBe('vxlan');
  });

  it('containers reach the outside behind their host’s address', async () => {
    // The outside has no route to the network: it answers to the node.
    expect(await world.outside.must('ip', ['route'])).not.toContain(
      swarm.placed[0]!.addresses[NETWORK]!.replace(/\d+$/, ''),
    );
    for (const from of world.nodes.map((node) => swarm.on(node)[0]!)) {
      await from.node.inSandbox(from.id, 'ping', ['-c', '1', '-W', '2', world.outside.address]);
    }
  });

  it('service discovery: one name for the containers of a service, which share the traffic', async () => {
    const [asker] = swarm.placed;
    const pages = new Set<string>();
    for (let turn = 0; turn < 6; turn++) {
      const { stdout } = await asker!.node.docker(['exec', asker!.id, 'wget', '-q', '-O', '-', 'http://web/']);
      pages.add(/host: (\S+)/.exec(stdout)?.[1] ?? '');
    }
    expect(pages.size).toBe(6);
  });

  it('inspect shows the containers on the network with their addresses', async () => {
    const [shown] = JSON.parse(await swarm.docker('network', 'inspect', NETWORK)) as {
      Containers: Record<string, { Name: string; IPv4Address: string }>;
    }[];
    for (const { id, name, addresses } of swarm.on(world.node)) {
      expect(shown!.Containers[id]).toMatchObject({ Name: name, IPv4Address: `${addresses[NETWORK]}/24` });
    }
  });

  it('rm takes what the network used with it, on all hosts', async () => {
    await swarm.docker('service', 'rm', 'web');
    await swarm.docker('network', 'rm', NETWORK);
    expect(await swarm.docker('network', 'ls', '-q', '--filter', `name=${NETWORK}`)).toBe('');
    const left = (await linksOf(world.nodes[1]!)).filter((name) => !name.startsWith('sk'));
    expect(left).toEqual(links);
  });
});
