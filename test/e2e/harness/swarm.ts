import { SkepError, waitFor } from '#lib/common';
import { digTimes } from './dig.js';
import { DEMO_IMAGE } from './image.js';
import type { TestNode } from './node.js';

/** A task's container as its node shows it. */
export interface Placed {
  node: TestNode;
  id: string;
  name: string;
  service: string;
  /** on the first of its networks */
  address: string;
  /** by network name */
  addresses: Record<string, string>;
  macs: Record<string, string>;
  /** of its first process */
  pid: number;
}

/** The nodes of a world as one swarm, the first of them its manager. */
export class Swarm {
  placed: Placed[] = [];

  private constructor(
    readonly nodes: readonly TestNode[],
    private readonly ids: readonly string[],
  ) {}

  /**
   * @param init more arguments of `docker swarm init`
   * @param translated a node's address for others, which none of its links has
   */
  static async found(
    nodes: readonly TestNode[],
    init: readonly string[] = [],
    translated?: (node: TestNode) => string,
  ): Promise<Swarm> {
    const [manager, ...workers] = nodes as [TestNode, ...TestNode[]];
    const address = translated?.(manager) ?? manager.machine.address;
    const listening = (node: TestNode) => (translated ? ['--listen-addr', node.machine.address] : []);
    await manager.mustDocker(['swarm', 'init', '--advertise-addr', address, ...listening(manager), ...init]);
    const token = (await manager.mustDocker(['swarm', 'join-token', '-q', 'worker'])).trim();
    for (const worker of workers) {
      const announced = translated ? ['--advertise-addr', translated(worker), ...listening(worker)] : [];
      await worker.mustDocker(['swarm', 'join', '--token', token, ...announced, `${address}:2377`]);
    }
    const ids = await Promise.all(
      nodes.map(async (node) => (await node.mustDocker(['info', '--format', '{{.Swarm.NodeID}}'])).trim()),
    );
    const swarm = new Swarm(nodes, ids);
    const states = () => swarm.docker('node', 'ls', '--format', '{{.Status}}');
    await waitFor(async () => (await states()).match(/Ready/g)?.length === nodes.length, {
      ms: 20_000,
      every: 100,
      what: 'all nodes are ready',
    });
    return swarm;
  }

  get manager(): TestNode {
    return this.nodes[0]!;
  }

  /** a node's id in the swarm, by its place among the nodes */
  id(index: number): string {
    return this.ids[index]!;
  }

  /** The docker CLI on the manager; it must succeed. */
  async docker(...args: string[]): Promise<string> {
    return (await this.manager.mustDocker(args)).trim();
  }

  /** @param more arguments before the image */
  async service(
    name: string,
    replicas: number,
    more: readonly string[] = [],
    command: string | readonly string[] = 'serve',
  ): Promise<void> {
    const create = ['service', 'create', '--detach', '--no-resolve-image', '--name', name];
    await this.docker(...create, '--replicas', String(replicas), ...more, DEMO_IMAGE, ...[command].flat());
  }

  /** Waits until the nodes run that many tasks, each with its addresses; `placed` is these then. */
  async running(count: number, ms = 60_000): Promise<Placed[]> {
    this.placed = await waitFor(
      async () => {
        const found = (await Promise.all(this.nodes.map(tasksOn))).flat();
        return found.length === count && found.every(({ address }) => address !== '') && found;
      },
      { ms, every: 200, what: `${count} tasks run` },
    );
    return this.placed;
  }

  /** States of a service's tasks that are to run, by the manager's word: a task's name → its state. */
  async states(service: string): Promise<Map<string, string>> {
    const format = '{{.Name}}.{{.ID}} {{.CurrentState}}';
    const args = ['service', 'ps', service, '--no-trunc', '--filter', 'desired-state=running', '--format', format];
    const lines = (await this.docker(...args)).split('\n').filter(Boolean);
    return new Map(lines.map((line) => line.split(' ') as [string, string]));
  }

  /** Waits until that many tasks of the service run, by the manager's word and the nodes', and no other one is left. */
  settled(service: string, count: number, ms = 90_000): Promise<Placed[]> {
    return waitFor(
      async () => {
        const states = await this.states(service);
        if (states.size !== count || ![...states.values()].every((state) => state === 'Running')) return false;
        const found = (await Promise.all(this.nodes.map(tasksOn))).flat().filter((each) => each.service === service);
        return found.length === count && found.every(({ address }) => address !== '') && found;
      },
      { ms, every: 300, what: `${count} tasks of ${service} run` },
    );
  }

  on(node: TestNode): Placed[] {
    return this.placed.filter((each) => each.node === node);
  }

  of(service: string): Placed[] {
    return this.placed.filter((each) => each.service === service);
  }
}

/** Waits until each of these tasks is a web server, asked where it is: it runs a moment before it listens. */
export async function serving(tasks: readonly Pick<Placed, 'node' | 'id'>[]): Promise<void> {
  for (const { node, id } of tasks) {
    const answers = () =>
      node.inSandbox(id, 'curl', ['-s', '-m', '2', 'http://127.0.0.1/']).then(
        () => true,
        () => false,
      );
    await waitFor(answers, { ms: 20_000, every: 100, what: `${id} serves pages` });
  }
}

/**
 * Waits until every node knows of a network exactly what there is: an entry of the tunnel and of the neighbours for each
 * endpoint on another node, at that node, and no other; and the same addresses for each of the names, in each container.
 * @param names of services, with what they are to be answered with
 */
export async function oneView(
  swarm: Swarm,
  network: string,
  names: Readonly<Record<string, readonly string[]>>,
  ms = 20_000,
): Promise<void> {
  const id = await swarm.docker('network', 'inspect', network, '--format', '{{.Id}}');
  let last = '';
  const same = async () => {
    last = (await differences(swarm, { network, id }, names)).join('\n');
    return last === '';
  };
  await waitFor(same, { ms, every: 300, what: 'all nodes have one view' }).catch((error: Error) => {
    throw new SkepError('internal', `${error.message}\n${last}`);
  });
}

async function differences(
  swarm: Swarm,
  { network, id }: { network: string; id: string },
  names: Readonly<Record<string, readonly string[]>>,
): Promise<string[]> {
  const on = (await Promise.all(swarm.nodes.map(tasksOn))).flat().filter((each) => each.addresses[network]);
  const found = await Promise.all(
    swarm.nodes.map(async (node, index) => {
      const own = on.filter((each) => each.node === node);
      if (own.length === 0) return [];
      const others = on.filter((each) => each.node !== node);
      const device = node.kernelNames.ofNetwork('x', id);
      const fdb = (await node.machine.run('bridge', ['fdb', 'show', 'dev', device])).stdout.split('\n');
      const neighbours = (await node.machine.run('ip', ['neigh', 'show', 'dev', device])).stdout.split('\n');
      const entries = [
        ...fdb.flatMap((line) => /^(\S+) dst (\S+)/.exec(line)?.slice(1, 3).join(' at ') ?? []),
        ...neighbours.flatMap((line) => /^(\d\S+) lladdr (\S+) PERMANENT/.exec(line)?.slice(1, 3).join(' is ') ?? []),
      ];
      const wanted = others.flatMap((each) => [
        `${each.macs[network]} at ${each.node.machine.address}`,
        `${each.addresses[network]} is ${each.macs[network]}`,
      ]);
      const answers = await Promise.all(
        Object.entries(names).map(async ([name, addresses]) => {
          const [answer = []] = await digTimes(node, own[0]!.id, name, 1, 'udp');
          return compare(`node ${index}: ${name}`, answer, addresses);
        }),
      );
      return [...compare(`node ${index}: entries`, entries, wanted), ...answers.flat()];
    }),
  );
  return found.flat();
}

function compare(what: string, is: readonly string[], wanted: readonly string[]): string[] {
  const [a, b] = [is, wanted].map((all) => [...all].sort().join(', '));
  return a === b ? [] : [`${what}: ${a}; expected ${b}`];
}

interface InspectedTask {
  Id: string;
  Name: string;
  State: { Pid: number };
  Config: { Labels: Record<string, string> };
  NetworkSettings: { Networks: Record<string, { IPAddress: string; MacAddress: string }> };
}

/** Containers of tasks that run on a node, by its own word. */
export async function tasksOn(node: TestNode): Promise<Placed[]> {
  const filters = encodeURIComponent(JSON.stringify({ label: ['com.docker.swarm.task.id'] }));
  const listed = await node.json<{ Id: string }[]>(`/containers/json?filters=${filters}`);
  // One may go between the two questions.
  const shown = await Promise.all(
    listed.map(({ Id }) => node.json<InspectedTask>(`/containers/${Id}/json`).catch(() => [])),
  );
  return shown.flat().map(({ Id, Name, State, Config, NetworkSettings }) => {
    const networks = Object.entries(NetworkSettings.Networks);
    return {
      node,
      id: Id,
      pid: State.Pid,
      name: Name.slice(1),
      service: Config.Labels['com.docker.swarm.service.name'] ?? '',
      address: networks[0]?.[1].IPAddress ?? '',
      addresses: Object.fromEntries(networks.map(([name, { IPAddress }]) => [name, IPAddress])),
      macs: Object.fromEntries(networks.map(([name, { MacAddress }]) => [name, MacAddress])),
    };
  });
}
