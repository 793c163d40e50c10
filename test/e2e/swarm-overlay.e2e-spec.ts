import { beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import { digTimes, firsts } from './harness/dig.js';
import { DEMO_IMAGE } from './harness/image.js';
import type { TestNode } from './harness/node.js';
import { must } from './harness/process.js';
import { serving } from './harness/swarm.js';
import { useWorld } from './harness/world.js';

interface Placed {
  node: TestNode;
  id: string;
  name: string;
  address: string;
  service: string;
}

/** Links that skep made on a machine, and what its VXLAN devices know. */
async function kernelOf({ machine, kernelNames }: TestNode): Promise<{ links: string[]; entries: string[] }> {
  const inside = (command: string, args: readonly string[]) =>
    must('nsenter', [`--net=${machine.path}`, command, ...args]);
  const links = JSON.parse(await inside('ip', ['-j', 'link'])) as { ifname: string }[];
  const ours = links.map(({ ifname }) => ifname).filter((name) => name.startsWith(kernelNames.linkPrefix));
  const tunnels = ours.filter((name) => name.startsWith(`${kernelNames.linkPrefix}x`));
  // A device may go between the two questions; then it has no entries.
  const entries = await Promise.all(tunnels.map((name) => machine.run('bridge', ['fdb', 'show', 'dev', name])));
  return { links: ours.sort(), entries: entries.flatMap(({ stdout }) => stdout.split('\n')).filter(Boolean) };
}

const leadsAway = (entry: string) => entry.includes(' dst ');

describe('an overlay network over three nodes', () => {
  const world = useWorld(3);
  let before: string[][];
  let placed: Placed[];
  const network = 'wide';

  const tasks = async (): Promise<Placed[]> => {
    const all = await Promise.all(
      world.nodes.map(async (node) => {
        const ids = (await node.mustDocker(['ps', '--no-trunc', '-q'])).split('\n').filter(Boolean);
        if (ids.length === 0) return [];
        // One may go between the two questions: what is left is shown all the same.
        const shown = JSON.parse((await node.docker(['inspect', ...ids])).stdout) as {
          Id: string;
          Name: string;
          Config: { Labels: Record<string, string> };
          NetworkSettings: { Networks: Record<string, { IPAddress: string }> };
        }[];
        return shown.map(({ Id, Name, Config, NetworkSettings }) => ({
          node,
          id: Id,
          name: Name.slice(1),
          address: NetworkSettings.Networks[network]?.IPAddress ?? '',
          service: Config.Labels['com.docker.swarm.service.name'] ?? '',
        }));
      }),
    );
    return all.flat();
  };
  const running = (count: number) =>
    waitFor(
      async () => {
        const found = await tasks();
        return found.length === count && found.every(({ address }) => address !== '') && found;
      },
      { ms: 60_000, every: 300, what: `${count} tasks run` },
    );
  const of = (service: string) => placed.filter((each) => each.service === service);
  const inTask = ({ node, id }: Placed, command: string, args: readonly string[]) => node.inSandbox(id, command, args);

  beforeAll(async () => {
    const [manager, ...workers] = world.nodes as [TestNode, ...TestNode[]];
    await manager.mustDocker(['swarm', 'init', '--advertise-addr', manager.machine.address]);
    const token = (await manager.mustDocker(['swarm', 'join-token', '-q', 'worker'])).trim();
    for (const worker of workers) {
      await worker.mustDocker(['swarm', 'join', '--token', token, `${manager.machine.address}:2377`]);
    }
    // Every node is on the ingress network from the first on: a bridge, a tunnel, and an entry for each other node.
    for (const node of world.nodes) {
      const settled = async () => (await kernelOf(node)).entries.filter(leadsAway).length === world.nodes.length - 1;
      await waitFor(settled, { ms: 20_000, every: 100, what: 'the ingress network on every node' });
    }
    before = await Promise.all(world.nodes.map(async (node) => (await kernelOf(node)).links));
    await manager.mustDocker(['network', 'create', '-d', 'overlay', '--attachable', network]);
    const options = ['--detach', '--no-resolve-image', '--network', network];
    const create = (name: string, replicas: number, ...more: string[]) =>
      manager.mustDocker(['service', 'create', ...options, '--name', name, '--replicas', String(replicas), ...more]);
    await create('web', 4, '--endpoint-mode', 'dnsrr', DEMO_IMAGE, 'serve');
    await create('client', 3, DEMO_IMAGE, 'idle');
    placed = await running(7);
  });

  it('shows the network as of the swarm, once, on every node', async () => {
    for (const node of world.nodes) {
      const lines = (await node.mustDocker(['network', 'ls', '--format', '{{.Name}} {{.Driver}} {{.Scope}}'])).split(
        '\n',
      );
      expect(lines.filter((line) => line.startsWith(network))).toEqual([`${network} overlay swarm`]);
    }
    const [shown] = JSON.parse(await world.node.mustDocker(['network', 'inspect', network])) as {
      Scope: string;
      Attachable: boolean;
      IPAM: { Config: { Subnet: string; Gateway: string }[] };
      Peers: { IP: string }[];
      Containers: Record<string, unknown>;
    }[];
    expect(shown).toMatchObject({ Scope: 'swarm', Attachable: true });
    expect(shown!.IPAM.Config).toEqual([{ Subnet: '10.0.1.0/24', Gateway: '10.0.1.1' }]);
    expect(shown!.Peers.map(({ IP }) => IP).sort()).toEqual(world.nodes.map(({ machine }) => machine.address).sort());
  });

  it('places tasks on every node, each with an address of its own', () => {
    expect(new Set(placed.map(({ node }) => node)).size).toBe(3);
    expect(new Set(placed.map(({ address }) => address)).size).toBe(7);
  });

  it('carries ping and HTTP between all tasks, whichever node they are on', async () => {
    await serving(of('web'));
    for (const client of of('client')) {
      for (const web of of('web')) {
        await inTask(client, 'ping', ['-c', '1', '-W', '2', web.address]);
        expect(await inTask(client, 'curl', ['-s', '-m', '5', `http://${web.address}/`])).toContain('host: ');
      }
    }
  });

  it('lets full frames through: the MTU is the underlay’s less 50', async () => {
    const client = of('client')[0]!;
    const [link] = JSON.parse(await inTask(client, 'ip', ['-j', 'link', 'show', 'eth0'])) as { mtu: number }[];
    expect(link!.mtu).toBe(1450);
    const far = of('web').find(({ node }) => node !== client.node)!;
    await inTask(client, 'ping', ['-c', '1', '-W', '2', '-M', 'do', '-s', '1422', far.address]);
  });

  it('answers the service’s name with all replicas, each first equally often, on every node', async () => {
    const addresses = of('web')
      .map(({ address }) => address)
      .sort();
    for (const client of of('client')) {
      for (const name of ['web', 'tasks.web']) {
        const answers = await digTimes(client.node, client.id, name, 40, 'udp');
        for (const answer of answers) expect([...answer].sort()).toEqual(addresses);
        expect(Object.fromEntries(firsts(answers))).toEqual(Object.fromEntries(addresses.map((each) => [each, 10])));
      }
      for (const web of of('web')) {
        expect(await digTimes(client.node, client.id, web.name, 1, 'udp')).toEqual([[web.address]]);
      }
    }
  });

  it('reaches the outside by the node’s own address', async () => {
    for (const client of of('client')) await inTask(client, 'ping', ['-c', '1', '-W', '2', world.outside.address]);
  });

  it('refuses what would collide, and the removal of what is in use, in Docker’s words', async () => {
    const manager = world.node;
    const said = async (args: string[]) => (await manager.docker(args)).stderr;
    expect(await said(['network', 'create', '-d', 'overlay', network])).toContain(
      `network with name ${network} already exists`,
    );
    expect(await said(['network', 'create', '-d', 'overlay', '--subnet', '10.0.1.128/25', 'other'])).toContain(
      `network ${network}`,
    );
    expect(await said(['network', 'rm', network])).toMatch(/network \S+ is in use by service/);
    const worker = world.nodes[1]!;
    expect((await worker.docker(['network', 'create', '-d', 'overlay', 'other'])).stderr).toContain(
      'This node is not a swarm manager',
    );
  });

  it('refuses options that no node could make it by, and warns of those that change nothing', async () => {
    const shim = 'com.docker.network.windowsshim';
    const create = (option: string) =>
      world.node.docker(['network', 'create', '-d', 'overlay', '-o', `${shim}.${option}`, 'odd']);
    const exceptions = await create('outboundnat_exceptions=10.0.0.0');
    expect(exceptions.stderr).toContain('outboundnat_exceptions=10.0.0.0: expected prefixes with commas between them');
    expect((await create('vlanid=5')).stderr).toContain('vlanid cannot be used with driver overlay');
    expect((await create('dnsserver=10.0.0.1')).stderr).toContain(`did you mean ${shim}.dnsservers?`);
    const idle = { Name: 'odd', Driver: 'overlay', Options: { [`${shim}.networkname`]: 'lan0' } };
    const { Warning } = JSON.parse(await world.node.api('POST', '/v1.41/networks/create', idle)) as { Warning: string };
    expect(Warning).toContain(`option ${shim}.networkname has no effect with driver overlay`);
    await world.node.mustDocker(['network', 'rm', 'odd']);
  });

  it('takes nat, as a node calls its own network, for the target that Docker calls bridge', async () => {
    const words = ['service', 'create', '--detach', '--no-resolve-image', '--name', 'own', '--network', 'nat'];
    await world.node.mustDocker([...words, DEMO_IMAGE, 'idle']);
    const target = ['service', 'inspect', '-f', '{{(index .Spec.TaskTemplate.Networks 0).Target}}', 'own'];
    expect((await world.node.mustDocker(target)).trim()).toBe('bridge');
    await world.node.mustDocker(['service', 'rm', 'own']);
  });

  it('forgets a replica that goes: its name, its address and where its frames went', async () => {
    await world.node.mustDocker(['service', 'scale', '--detach', 'web=2']);
    placed = await running(5);
    const addresses = of('web')
      .map(({ address }) => address)
      .sort();
    for (const client of of('client')) {
      await waitFor(
        async () => {
          const [answer] = await digTimes(client.node, client.id, 'web', 1, 'udp');
          return JSON.stringify([...answer!].sort()) === JSON.stringify(addresses);
        },
        { ms: 10_000, every: 100, what: 'the name has two replicas' },
      );
    }
    for (const node of world.nodes) {
      const others = placed.filter((each) => each.node !== node).length + world.nodes.length - 1;
      await waitFor(async () => (await kernelOf(node)).entries.filter(leadsAway).length === others, {
        ms: 10_000,
        every: 100,
        what: `${others} tunnel entries`,
      });
    }
  });

  it('leaves nothing behind', async () => {
    await world.node.mustDocker(['service', 'rm', 'web', 'client']);
    await waitFor(async () => (await world.node.docker(['network', 'rm', network])).code === 0, {
      ms: 30_000,
      every: 300,
      what: 'the network is out of use and removed',
    });
    for (const [index, node] of world.nodes.entries()) {
      await waitFor(async () => JSON.stringify((await kernelOf(node)).links) === JSON.stringify(before[index]), {
        ms: 30_000,
        every: 200,
        what: `the links are as before: ${JSON.stringify(await kernelOf(node))}`,
      });
      const named = ['network', 'ls', '-q', '--filter', `name=${network}`];
      await waitFor(async () => (await node.mustDocker(named)) === '', {
        ms: 10_000,
        every: 100,
        what: 'the network is on no list any more',
      });
    }
  });
});
