import { beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import { DEMO_IMAGE } from './harness/image.js';
import { killPart } from './harness/faults.js';
import { Swarm, tasksOn } from './harness/swarm.js';
import { useWorld } from './harness/world.js';

const KILLS = Number(process.env['SKEP_TEST_MANAGER_KILLS'] ?? 8);
/** Operations go on for that long after the first of a round before the manager dies. Milliseconds. */
const LATEST = 600;

interface Task {
  ID: string;
  Version: { Index: number };
  ServiceID: string;
  Slot: number;
  DesiredState: string;
  Status: { State: string };
  NetworksAttachments: { Network: { ID: string }; Addresses: string[] }[] | null;
}
interface Service {
  ID: string;
  Version: { Index: number };
  Spec: { Name: string; Mode: { Replicated: { Replicas: number } } };
}

const ENDED = ['complete', 'shutdown', 'failed', 'rejected', 'remove', 'orphaned'];

describe('a manager that is killed again and again while services are made, scaled and removed', () => {
  const world = useWorld(3);
  let swarm: Swarm;
  /** what was acknowledged: name → replicas; what failed in between is in either state, and is left out */
  const acknowledged = new Map<string, number>();
  const unknown = new Set<string>();
  const versions = new Map<string, number>();
  const api = <T>(path: string) => swarm.manager.json<T>(path);

  beforeAll(async () => {
    swarm = await Swarm.found(world.nodes, ['--dispatcher-heartbeat', '2s']);
    await swarm.docker('network', 'create', '-d', 'overlay', 'wide');
  });

  const spec = (Name: string, Replicas: number) => ({
    Name,
    TaskTemplate: { ContainerSpec: { Image: DEMO_IMAGE, Args: ['idle'] }, Networks: [{ Target: 'wide' }] },
    Mode: { Replicated: { Replicas } },
  });
  const create = (name: string, replicas: number) =>
    tried(name, replicas, () => swarm.manager.api('POST', '/services/create', spec(name, replicas)));
  const scale = (name: string, replicas: number) =>
    tried(name, replicas, async () => {
      const { ID, Version } = await api<Service>(`/services/${name}`);
      await swarm.manager.api('POST', `/services/${ID}/update?version=${Version.Index}`, spec(name, replicas));
    });
  const remove = (name: string) => tried(name, 0, () => swarm.manager.api('DELETE', `/services/${name}`));

  /** What is answered is acknowledged; of what is not, nobody knows. */
  async function tried(name: string, replicas: number, work: () => Promise<unknown>): Promise<void> {
    if (unknown.has(name)) return;
    try {
      await work();
      if (replicas === 0) acknowledged.delete(name);
      else acknowledged.set(name, replicas);
    } catch {
      unknown.add(name);
      acknowledged.delete(name);
    }
  }

  /** What must be true at every moment. */
  async function look(): Promise<void> {
    const [services, tasks] = [await api<Service[]>('/services'), await api<Task[]>('/tasks')];
    const replicas = new Map(services.map(({ Spec }) => [Spec.Name, Spec.Mode.Replicated.Replicas]));
    const lost = [...acknowledged].filter(([name, count]) => replicas.get(name) !== count);
    expect(lost, 'acknowledged and not there').toEqual([]);
    for (const { ID, Version } of [...services, ...tasks]) {
      expect(Version.Index, `version of ${ID}`).toBeGreaterThanOrEqual(versions.get(ID) ?? 0);
      versions.set(ID, Version.Index);
    }
    const held = tasks
      .filter(({ Status }) => !ENDED.includes(Status.State))
      .flatMap(({ NetworksAttachments }) => NetworksAttachments ?? [])
      .flatMap(({ Network, Addresses }) => Addresses.map((each) => `${Network.ID} ${each}`));
    expect(
      held.filter((each, index) => held.indexOf(each) !== index),
      'addresses of two tasks',
    ).toEqual([]);
  }

  it(
    `loses nothing that was acknowledged, in ${KILLS} kills`,
    async () => {
      for (let round = 0; round < KILLS; round++) {
        const died = new Promise((resolve) => setTimeout(resolve, Math.random() * LATEST)).then(() =>
          killPart(swarm.manager, 'manager'),
        );
        await create(`s${round}`, 2);
        await Promise.all([
          create(`t${round}`, 1),
          scale(`s${round}`, 3),
          ...(round >= 2 ? [remove(`s${round - 2}`), scale(`t${round - 1}`, 2)] : []),
          // What the machine has to run does not grow with the number of rounds.
          ...(round >= 4 ? [remove(`t${round - 4}`)] : []),
        ]);
        await died;
        await waitFor(
          () =>
            api('/services').then(
              () => true,
              () => false,
            ),
          {
            ms: 30_000,
            every: 50,
            what: 'the manager is back',
          },
        );
        await look();
      }
    },
    60_000 + KILLS * 20_000,
  );

  it('ends with what was asked for: each replica once, by the manager’s word and on the nodes', async () => {
    const total = async () =>
      (await api<Service[]>('/services')).reduce((sum, { Spec }) => sum + Spec.Mode.Replicated.Replicas, 0);
    let last = '';
    const settled = async () => {
      const tasks = (await api<Task[]>('/tasks')).filter(({ Status }) => !ENDED.includes(Status.State));
      const here = (await Promise.all(swarm.nodes.map(tasksOn))).flat();
      const running = tasks.filter(
        ({ Status, DesiredState }) => Status.State === 'running' && DesiredState === 'running',
      );
      const count = await total();
      last = `${count} asked for; ${here.map(({ name }) => name).join(', ')}\n${tasks.map((task) => JSON.stringify(task)).join('\n')}`;
      return tasks.length === count && running.length === count && here.length === count && { tasks, here };
    };
    const { tasks, here } = await waitFor(settled, { ms: 90_000, every: 300, what: 'every replica runs once' }).catch(
      (error: Error) => {
        throw new Error(`${error.message}: ${last}`);
      },
    );
    const slots = tasks.map(({ ServiceID, Slot }) => `${ServiceID} ${Slot}`);
    expect(new Set(slots).size).toBe(slots.length);
    const addresses = here.map(({ addresses: on }) => on['wide']);
    expect(new Set(addresses).size).toBe(addresses.length);
    await look();
  });
});
