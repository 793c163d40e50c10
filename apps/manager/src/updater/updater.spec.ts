import { beforeEach, describe, expect, it } from 'vitest';
import { isLive, type ServiceSpec, type Task } from '#lib/domain';
import type { ClusterKey } from '../cluster/cluster-key.js';
import { ServicesController } from '../control-api/services.controller.js';
import type { LogReading } from '../logs/log-reading.js';
import { LOOPS } from '../loops/loops.js';
import { TestCluster } from '../testing/test-cluster.js';

let cluster: TestCluster;
let services: ServicesController;

beforeEach(() => {
  cluster = new TestCluster();
  for (const id of ['a', 'b', 'c']) cluster.node(id);
  services = new ServicesController(cluster.store(), {} as ClusterKey, {} as LogReading);
});

/** The nodes do what they are told, and the loops decide, until both rest; ending takes its time where it is said to. */
function run(takesTime?: (task: Task) => boolean): void {
  for (let round = 0; round < 10; round++) {
    cluster.settle(LOOPS);
    cluster.work(takesTime);
  }
  cluster.settle(LOOPS);
}

interface Asked {
  image?: string;
  replicas?: number;
  update?: object;
  rollback?: object;
  restart?: object;
  mode?: ServiceSpec['Mode'];
  force?: number;
  labels?: Record<string, string>;
}
const specOf = ({
  image = 'old',
  replicas = 1,
  update,
  rollback,
  labels,
  restart,
  mode,
  force,
}: Asked): ServiceSpec => ({
  Name: 'web',
  Labels: labels ?? {},
  TaskTemplate: {
    ContainerSpec: { Image: image },
    ...(restart && { RestartPolicy: restart }),
    ...(force && { ForceUpdate: force }),
  },
  Mode: mode ?? { Replicated: { Replicas: replicas } },
  UpdateConfig: { Parallelism: 1, ...update },
  RollbackConfig: { Parallelism: 1, ...rollback },
});

const service = () => cluster.list('service')[0]!;
const status = () => service().updateStatus?.state;
const inState = (state: string) => cluster.tasks('web').filter((task) => task.status.state === state);
/** images of what runs, replica by replica */
const runs = () =>
  inState('running')
    .sort((a, b) => a.slot - b.slot)
    .map((task) => `${task.slot} ${task.spec.ContainerSpec!.Image}`);
const ofSlot = (slot: number) => (task: Task) => task.slot === slot;

async function create(asked: Asked): Promise<void> {
  await services.create(specOf(asked), undefined);
  run();
}
async function ask(asked: Asked, query: Record<string, string> = {}): Promise<void> {
  const { version } = cluster.get('service', service().id)!;
  await services.update('web', { version: String(version), ...query }, undefined, specOf(asked));
}
/** Slot 1 has the new image and fails, while what slot 2 ran before, or runs now, takes its time. */
function failFirst(): void {
  cluster.settle(LOOPS);
  cluster.work(ofSlot(2));
  run(ofSlot(2));
  cluster.report(
    cluster.tasks('web').filter((task) => isLive(task) && ofSlot(1)(task)),
    'failed',
    { exitCode: 1 },
  );
  cluster.settle(LOOPS);
}

describe('the next replica', () => {
  const begin = async (update: object) => {
    await create({ replicas: 2 });
    await ask({ image: 'new', replicas: 2, update });
    run(ofSlot(1));
  };
  const ending = () => cluster.tasks('web').find((task) => task.desired === 'shutdown')!.nodeId!;
  const after = [
    ['is down', () => void cluster.node(ending(), { status: { state: 'down', addr: '' } })],
    ['is removed', () => cluster.apply([{ op: 'delete', kind: 'node', id: ending() }])],
    ['is there, and a minute has passed', () => void (cluster.now += 60_000)],
  ] as const;
  const orders = [
    ['stop-first', ['1 old', '2 old']],
    ['start-first', ['1 new', '1 old', '2 old']],
  ] as const;

  it.each(orders.flatMap(([Order, before]) => after.map(([what, happens]) => ({ Order, before, what, happens }))))(
    '$Order: is not kept from its turn by a task that does not end and whose node $what',
    async ({ Order, before, happens }) => {
      await begin({ Order });
      expect(runs().sort()).toEqual(before);
      happens();
      run(ofSlot(1));
      const live = cluster.tasks('web').filter(isLive);
      expect(live.map((task) => task.spec.ContainerSpec!.Image)).toEqual(['new', 'new']);
      expect(live.map((task) => task.status.state)).toEqual(['running', 'running']);
    },
  );
});

describe('what an update has begun', () => {
  it.each<[string, Partial<Asked>]>([
    ['the same again', {}],
    ['a label', { labels: { a: 'b' } }],
    ['another number', { replicas: 2 }],
  ])('is brought to its end when %s is asked for while an old task still stops', async (_what, more) => {
    await create({});
    await ask({ image: 'new' });
    run(() => true);
    expect(runs()).toEqual(['1 old']);
    const since = service().updateStatus?.startedAt;
    cluster.now += 1_000;
    await ask({ image: 'new', ...more });
    expect(service().updateStatus).toMatchObject({ state: 'updating', startedAt: since });
    run();
    expect(runs()).toEqual(['1 new', ...(more.replicas ? ['2 new'] : [])]);
    cluster.now += 5_000;
    run();
    expect(status()).toBe('completed');
  });

  it('is brought to its end when another one is paused: the replica whose old task stopped meanwhile runs', async () => {
    await create({ replicas: 3 });
    await ask({ image: 'new', replicas: 3, update: { Parallelism: 2, Delay: 10e9 } });
    failFirst();
    expect(status()).toBe('paused');
    expect(runs()).toEqual(['2 old', '3 old']);
    run();
    expect(status()).toBe('paused');
    expect(runs()).toEqual(['2 new', '3 old']);
  });

  it('is brought to its end when another one is paused: none runs twice where the new one came first', async () => {
    await create({ replicas: 3 });
    await ask({ image: 'new', replicas: 3, update: { Parallelism: 2, Order: 'start-first' } });
    cluster.settle(LOOPS);
    const fresh = cluster.tasks('web').filter((task) => task.spec.ContainerSpec!.Image === 'new');
    cluster.report(fresh.filter(ofSlot(1)), 'rejected');
    cluster.settle(LOOPS);
    expect(status()).toBe('paused');
    run();
    expect(runs().filter((each) => each.startsWith('2'))).toEqual(['2 new']);
  });
});

describe('a replica that has ended for good', () => {
  const ended = async (restart: object, how: 'complete' | 'failed', asked: Asked = { replicas: 3 }) => {
    await create({ restart, ...asked });
    cluster.report(inState('running'), how);
    run();
    expect(runs()).toEqual([]);
  };

  it.each([
    [{ Condition: 'none' }, 'complete'],
    [{ Condition: 'none' }, 'failed'],
    [{ Condition: 'on-failure' }, 'complete'],
    [{ Condition: 'on-failure', MaxAttempts: 0 }, 'complete'],
  ] as const)('%j, %s: runs again with an update, as many at a time as the others', async (restart, how) => {
    await ended(restart, how);
    await ask({ restart, replicas: 3, force: 1 });
    cluster.settle(LOOPS);
    expect(cluster.tasks('web').filter(isLive)).toHaveLength(1);
    run();
    expect(runs()).toEqual(['1 old', '2 old', '3 old']);
    cluster.now += 5_000;
    cluster.settle(LOOPS);
    expect(status()).toBe('completed');
  });

  it('runs again by the policy of now where it was tried as often as it could be', async () => {
    const restart = { Condition: 'any', Delay: 1, MaxAttempts: 1 };
    await create({ restart, replicas: 2 });
    for (let round = 0; round < 3; round++) {
      cluster.now += 1_000;
      cluster.report(inState('running'), 'failed');
      run();
    }
    expect(runs()).toEqual([]);
    await ask({ restart, replicas: 2, force: 1 });
    cluster.settle(LOOPS);
    expect(cluster.tasks('web').filter(isLive)).toHaveLength(1);
    run();
    expect(runs()).toEqual(['1 old', '2 old']);
  });

  it('does not run again by an update that changes no task', async () => {
    await ended({ Condition: 'none' }, 'complete');
    await ask({ restart: { Condition: 'none' }, replicas: 3, labels: { a: 'b' } });
    run();
    expect(runs()).toEqual([]);
  });

  it('of a global service runs again only on nodes that may be given something', async () => {
    const asked = { restart: { Condition: 'none' }, mode: { Global: {} }, update: { Parallelism: 0 } };
    await ended(asked.restart, 'complete', asked);
    cluster.node('a', { spec: { Role: 'worker', Availability: 'drain' } });
    cluster.node('b', { spec: { Role: 'worker', Availability: 'pause' } });
    await ask({ ...asked, force: 1 });
    run();
    expect(inState('running').map((task) => task.nodeId)).toEqual(['c']);
    cluster.node('a');
    run();
    expect(
      inState('running')
        .map((task) => task.nodeId)
        .sort(),
    ).toEqual(['a', 'c']);
  });
});

describe('a failure of an update', () => {
  const FIVE = { replicas: 5, restart: { Delay: 1 } };
  const fresh = () => cluster.tasks('web').filter((task) => isLive(task) && task.spec.ContainerSpec!.Image === 'new');
  /** All replicas at once have the new image; what is run then. */
  const begin = async (update: object, asked: Asked = FIVE) => {
    await create(asked);
    await ask({ ...asked, image: 'new', update: { Parallelism: 0, ...update } });
    run();
    expect(status()).toBe('updating');
  };

  it.each(['complete', 'failed', 'rejected'] as const)(
    'is a new task that is %s while it is watched',
    async (state) => {
      await begin({});
      cluster.now += 4_000;
      cluster.report(fresh().slice(0, 1), state);
      run();
      expect(status()).toBe('paused');
      expect(service().updateStatus?.message).toMatch(
        /^update paused due to failure or early termination of task \w+$/,
      );
    },
  );

  it('is none of a task that was watched for as long as it is to be', async () => {
    await begin({ Parallelism: 1, Delay: 60e9 });
    cluster.now += 6_000;
    cluster.report(fresh(), 'failed');
    run();
    expect(status()).toBe('updating');
    cluster.now += 60_000;
    cluster.settle(LOOPS);
    expect(fresh()).toHaveLength(2);
  });

  it('counts once for each replica, however often that is tried again', async () => {
    await begin({ MaxFailureRatio: 0.3 });
    for (let round = 0; round < 4; round++) {
      cluster.now += 1_000;
      cluster.report(fresh().filter(ofSlot(1)), 'failed');
      run();
    }
    expect(status()).toBe('updating');
    cluster.report(fresh().filter(ofSlot(2)), 'failed');
    run();
    expect(status()).toBe('paused');
  });

  it.each(['stop-first', 'start-first'])('that is allowed keeps no other replica from its turn: %s', async (Order) => {
    await create(FIVE);
    await ask({ ...FIVE, image: 'new', update: { Order, MaxFailureRatio: 0.2 } });
    for (let round = 0; round < 15; round++) {
      cluster.settle(LOOPS);
      cluster.report(fresh().filter(ofSlot(1)), 'rejected');
      cluster.work();
    }
    expect(status()).toBe('updating');
    expect(runs().slice(Order === 'start-first' ? 1 : 0)).toEqual(['2 new', '3 new', '4 new', '5 new']);
  });

  it('is tried again by the restart policy where the old task runs on meanwhile', async () => {
    const asked = { restart: { Delay: 2e9 } };
    await create(asked);
    await ask({ ...asked, image: 'new', update: { Order: 'start-first', FailureAction: 'continue' } });
    cluster.settle(LOOPS);
    cluster.report(fresh(), 'rejected');
    run();
    expect(runs()).toEqual(['1 old']);
    expect(fresh().map((task) => task.desired)).toEqual(['ready']);
    cluster.now += 2_000;
    run();
    expect(runs()).toEqual(['1 new']);
  });

  it('is forgotten by an update that changes no task: that one goes on with the replicas that are left', async () => {
    await begin({ Parallelism: 1, Delay: 1e9 }, { replicas: 2, restart: { Delay: 1 } });
    cluster.report(fresh(), 'failed');
    run();
    expect(status()).toBe('paused');
    cluster.now += 1_000;
    await ask({ replicas: 2, restart: { Delay: 1 }, image: 'new', labels: { a: 'b' } });
    run();
    expect(status()).toBe('updating');
    expect(runs()).toEqual(['1 new', '2 new']);
    cluster.now += 5_000;
    run();
    expect(status()).toBe('completed');
  });

  it('is not that a task moves, as when its node is lost', async () => {
    await begin({ Parallelism: 1, Delay: 60e9 });
    cluster.node(fresh()[0]!.nodeId!, { status: { state: 'down', addr: '' } });
    run();
    expect(status()).toBe('updating');
    cluster.now += 60_000;
    run();
    expect(status()).toBe('updating');
    expect(fresh()).toHaveLength(3);
  });
});
