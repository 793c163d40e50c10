import { beforeEach, describe, expect, it } from 'vitest';
import { isLive } from '#lib/domain';
import { LOOPS } from '../control-loops.js';
import { OneService, ofSlot, type Asked } from '../testing/one-service.js';

let web: OneService;

beforeEach(() => {
  web = new OneService();
});

describe('a failure of an update', () => {
  const FIVE = { replicas: 5, restart: { Delay: 1 } };
  const fresh = () =>
    web.cluster.tasks('web').filter((task) => isLive(task) && task.spec.ContainerSpec!.Image === 'new');
  /** All replicas at once have the new image; what is run then. */
  const begin = async (update: object, asked: Asked = FIVE) => {
    await web.create(asked);
    await web.ask({ ...asked, image: 'new', update: { Parallelism: 0, ...update } });
    web.run();
    expect(web.status()).toBe('updating');
  };

  it.each(['complete', 'failed', 'rejected'] as const)(
    'is a new task that is %s while it is watched',
    async (state) => {
      await begin({});
      web.cluster.now += 4_000;
      web.cluster.report(fresh().slice(0, 1), state);
      web.run();
      expect(web.status()).toBe('paused');
      expect(web.service().updateStatus?.message).toMatch(
        /^update paused due to failure or early termination of task \w+$/,
      );
    },
  );

  it.each([false, true])('is a task that is unhealthy, however long it takes to end; ran before: %s', async (ran) => {
    await web.create(FIVE);
    await web.ask({ ...FIVE, image: 'new' });
    web.cluster.settle(LOOPS);
    web.cluster.work();
    web.cluster.settle(LOOPS);
    const first = fresh().slice(0, 1);
    if (ran) web.cluster.report(first, 'running');
    web.cluster.now += 2_000;
    web.cluster.report(first, ran ? 'running' : 'starting', { unhealthy: true });
    web.cluster.settle(LOOPS);
    web.cluster.report(first, 'running', { message: 'shutting down', unhealthy: true });
    web.cluster.now += 12_000;
    web.cluster.report(first, 'failed');
    web.cluster.settle(LOOPS);
    expect(web.status()).toBe('paused');
  });

  it('is none of a task that was watched for as long as it is to be', async () => {
    await begin({ Parallelism: 1, Delay: 60e9 });
    web.cluster.now += 6_000;
    web.cluster.report(fresh(), 'failed');
    web.run();
    expect(web.status()).toBe('updating');
    web.cluster.now += 60_000;
    web.cluster.settle(LOOPS);
    expect(fresh()).toHaveLength(2);
  });

  it('counts once for each replica, however often that is tried again', async () => {
    await begin({ MaxFailureRatio: 0.3 });
    for (let round = 0; round < 4; round++) {
      web.cluster.now += 1_000;
      web.cluster.report(fresh().filter(ofSlot(1)), 'failed');
      web.run();
    }
    expect(web.status()).toBe('updating');
    web.cluster.report(fresh().filter(ofSlot(2)), 'failed');
    web.run();
    expect(web.status()).toBe('paused');
  });

  it.each(['stop-first', 'start-first'])('that is allowed keeps no other replica from its turn: %s', async (Order) => {
    await web.create(FIVE);
    await web.ask({ ...FIVE, image: 'new', update: { Order, MaxFailureRatio: 0.2 } });
    for (let round = 0; round < 15; round++) {
      web.cluster.settle(LOOPS);
      web.cluster.report(fresh().filter(ofSlot(1)), 'rejected');
      web.cluster.work();
    }
    expect(web.status()).toBe('updating');
    expect(web.runs().slice(Order === 'start-first' ? 1 : 0)).toEqual(['2 new', '3 new', '4 new', '5 new']);
  });

  it('is tried again by the restart policy where the old task runs on meanwhile', async () => {
    const asked = { restart: { Delay: 2e9 } };
    await web.create(asked);
    await web.ask({ ...asked, image: 'new', update: { Order: 'start-first', FailureAction: 'continue' } });
    web.cluster.settle(LOOPS);
    web.cluster.report(fresh(), 'rejected');
    web.run();
    expect(web.runs()).toEqual(['1 old']);
    expect(fresh().map((task) => task.desired)).toEqual(['ready']);
    web.cluster.now += 2_000;
    web.run();
    expect(web.runs()).toEqual(['1 new']);
  });

  it('is forgotten by an update that changes no task: that one goes on with the replicas that are left', async () => {
    await begin({ Parallelism: 1, Delay: 1e9 }, { replicas: 2, restart: { Delay: 1 } });
    web.cluster.report(fresh(), 'failed');
    web.run();
    expect(web.status()).toBe('paused');
    web.cluster.now += 1_000;
    await web.ask({ replicas: 2, restart: { Delay: 1 }, image: 'new', labels: { a: 'b' } });
    web.run();
    expect(web.status()).toBe('updating');
    expect(web.runs()).toEqual(['1 new', '2 new']);
    web.cluster.now += 5_000;
    web.run();
    expect(web.status()).toBe('completed');
  });

  it('is not that a task moves, as when its node is lost', async () => {
    await begin({ Parallelism: 1, Delay: 60e9 });
    web.cluster.node(fresh()[0]!.nodeId!, { status: { state: 'down', addr: '' } });
    web.run();
    expect(web.status()).toBe('updating');
    web.cluster.now += 60_000;
    web.run();
    expect(web.status()).toBe('updating');
    expect(fresh()).toHaveLength(3);
  });
});
