import { beforeEach, describe, expect, it } from 'vitest';
import { isLive } from '#lib/domain';
import { LOOPS } from '../control-loops.js';
import { OneService, ofSlot, type Asked } from '../testing/one-service.js';

let web: OneService;

beforeEach(() => {
  web = new OneService();
});

/** Slot 1 has the new image and fails, while what slot 2 ran before, or runs now, takes its time. */
function failFirst(): void {
  web.cluster.settle(LOOPS);
  web.cluster.work(ofSlot(2));
  web.run(ofSlot(2));
  web.cluster.report(
    web.cluster.tasks('web').filter((task) => isLive(task) && ofSlot(1)(task)),
    'failed',
    { exitCode: 1 },
  );
  web.cluster.settle(LOOPS);
}

describe('the next replica', () => {
  const begin = async (update: object) => {
    await web.create({ replicas: 2 });
    await web.ask({ image: 'new', replicas: 2, update });
    web.run(ofSlot(1));
  };
  const ending = () => web.cluster.tasks('web').find((task) => task.desired === 'shutdown')!.nodeId!;
  const after = [
    ['is down', () => void web.cluster.node(ending(), { status: { state: 'down', addr: '' } })],
    ['is removed', () => web.cluster.apply([{ op: 'delete', kind: 'node', id: ending() }])],
    ['is there, and a minute has passed', () => void (web.cluster.now += 60_000)],
  ] as const;
  const orders = [
    ['stop-first', ['1 old', '2 old']],
    ['start-first', ['1 new', '1 old', '2 old']],
  ] as const;

  it.each(orders.flatMap(([Order, before]) => after.map(([what, happens]) => ({ Order, before, what, happens }))))(
    '$Order: is not kept from its turn by a task that does not end and whose node $what',
    async ({ Order, before, happens }) => {
      await begin({ Order });
      expect(web.runs().sort()).toEqual(before);
      happens();
      web.run(ofSlot(1));
      const live = web.cluster.tasks('web').filter(isLive);
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
    await web.create({});
    await web.ask({ image: 'new' });
    web.run(() => true);
    expect(web.runs()).toEqual(['1 old']);
    const since = web.service().updateStatus?.startedAt;
    web.cluster.now += 1_000;
    await web.ask({ image: 'new', ...more });
    expect(web.service().updateStatus).toMatchObject({ state: 'updating', startedAt: since });
    web.run();
    expect(web.runs()).toEqual(['1 new', ...(more.replicas ? ['2 new'] : [])]);
    web.cluster.now += 5_000;
    web.run();
    expect(web.status()).toBe('completed');
  });

  it('is brought to its end when another one is paused: the replica whose old task stopped meanwhile runs', async () => {
    await web.create({ replicas: 3 });
    await web.ask({ image: 'new', replicas: 3, update: { Parallelism: 2, Delay: 10e9 } });
    failFirst();
    expect(web.status()).toBe('paused');
    expect(web.runs()).toEqual(['2 old', '3 old']);
    web.run();
    expect(web.status()).toBe('paused');
    expect(web.runs()).toEqual(['2 new', '3 old']);
  });

  it('is brought to its end when another one is paused: none runs twice where the new one came first', async () => {
    await web.create({ replicas: 3 });
    await web.ask({ image: 'new', replicas: 3, update: { Parallelism: 2, Order: 'start-first' } });
    web.cluster.settle(LOOPS);
    const fresh = web.cluster.tasks('web').filter((task) => task.spec.ContainerSpec!.Image === 'new');
    web.cluster.report(fresh.filter(ofSlot(1)), 'rejected');
    web.cluster.settle(LOOPS);
    expect(web.status()).toBe('paused');
    web.run();
    expect(web.runs().filter((each) => each.startsWith('2'))).toEqual(['2 new']);
  });
});

describe('a replica that has ended for good', () => {
  const ended = async (restart: object, how: 'complete' | 'failed', asked: Asked = { replicas: 3 }) => {
    await web.create({ restart, ...asked });
    web.cluster.report(web.inState('running'), how);
    web.run();
    expect(web.runs()).toEqual([]);
  };

  it.each([
    [{ Condition: 'none' }, 'complete'],
    [{ Condition: 'none' }, 'failed'],
    [{ Condition: 'on-failure' }, 'complete'],
    [{ Condition: 'on-failure', MaxAttempts: 0 }, 'complete'],
  ] as const)('%j, %s: runs again with an update, as many at a time as the others', async (restart, how) => {
    await ended(restart, how);
    await web.ask({ restart, replicas: 3, force: 1 });
    web.cluster.settle(LOOPS);
    expect(web.cluster.tasks('web').filter(isLive)).toHaveLength(1);
    web.run();
    expect(web.runs()).toEqual(['1 old', '2 old', '3 old']);
    web.cluster.now += 5_000;
    web.cluster.settle(LOOPS);
    expect(web.status()).toBe('completed');
  });

  it('runs again by the policy of now where it was tried as often as it could be', async () => {
    const restart = { Condition: 'any', Delay: 1, MaxAttempts: 1 };
    await web.create({ restart, replicas: 2 });
    for (let round = 0; round < 3; round++) {
      web.cluster.now += 1_000;
      web.cluster.report(web.inState('running'), 'failed');
      web.run();
    }
    expect(web.runs()).toEqual([]);
    await web.ask({ restart, replicas: 2, force: 1 });
    web.cluster.settle(LOOPS);
    expect(web.cluster.tasks('web').filter(isLive)).toHaveLength(1);
    web.run();
    expect(web.runs()).toEqual(['1 old', '2 old']);
  });

  it('does not run again by an update that changes no task', async () => {
    await ended({ Condition: 'none' }, 'complete');
    await web.ask({ restart: { Condition: 'none' }, replicas: 3, labels: { a: 'b' } });
    web.run();
    expect(web.runs()).toEqual([]);
  });

  it('of a global service runs again only on nodes that may be given something', async () => {
    const asked = { restart: { Condition: 'none' }, mode: { Global: {} }, update: { Parallelism: 0 } };
    await ended(asked.restart, 'complete', asked);
    web.cluster.node('a', { spec: { Role: 'worker', Availability: 'drain' } });
    web.cluster.node('b', { spec: { Role: 'worker', Availability: 'pause' } });
    await web.ask({ ...asked, force: 1 });
    web.run();
    expect(web.inState('running').map((task) => task.nodeId)).toEqual(['c']);
    web.cluster.node('a');
    web.run();
    expect(
      web
        .inState('running')
        .map((task) => task.nodeId)
        .sort(),
    ).toEqual(['a', 'c']);
  });
});

describe('going back', () => {
  const idsOf = (...slots: number[]) =>
    web
      .inState('running')
      .filter(({ slot }) => slots.includes(slot))
      .map(({ id }) => id);

  it('leaves replicas alone that the update had not come to', async () => {
    await web.create({ replicas: 4 });
    const before = idsOf(2, 3, 4);
    await web.ask({ image: 'new', replicas: 4, update: { FailureAction: 'rollback', Delay: 60e9 } });
    web.run();
    expect(web.runs()).toEqual(['1 new', '2 old', '3 old', '4 old']);
    web.cluster.report(web.inState('running').filter(ofSlot(1)), 'failed');
    web.run();
    expect(web.status()).toBe('rollback_started');
    web.cluster.now += 5_000;
    web.run();
    expect(web.status()).toBe('rollback_completed');
    expect(web.runs()).toEqual(['1 old', '2 old', '3 old', '4 old']);
    expect(idsOf(2, 3, 4)).toEqual(before);
  });

  it.each<[string, Record<string, string>]>([
    ['by a rollback', { rollback: 'previous' }],
    ['by another update', {}],
  ])('does so %s as well', async (_what, query) => {
    await web.create({ replicas: 3 });
    const before = idsOf(2, 3);
    await web.ask({ image: 'new', replicas: 3, update: { Delay: 60e9 } });
    web.run();
    await web.ask({ replicas: 3 }, query);
    web.run();
    expect(web.runs()).toEqual(['1 old', '2 old', '3 old']);
    expect(idsOf(2, 3)).toEqual(before);
  });

  it('is not kept up by what could not run before either', async () => {
    await web.create({ replicas: 2 });
    const [waits] = web.inState('running').filter(ofSlot(2));
    web.cluster.put('task', { ...waits!, status: { ...waits!.status, state: 'pending' }, nodeId: undefined });
    for (const { id } of web.cluster.list('node')) {
      web.cluster.node(id, { spec: { Role: 'worker', Availability: 'pause' } });
    }
    await web.ask({ image: 'new', replicas: 2 });
    await web.ask({ replicas: 2 }, { rollback: 'previous' });
    web.run();
    web.cluster.now += 5_000;
    web.run();
    expect(web.status()).toBe('rollback_completed');
    expect(web.runs()).toEqual(['1 old']);
  });

  it('runs a replica again whose new task has ended for good, and not one that had ended before', async () => {
    const restart = { Condition: 'none' };
    await web.create({ restart, replicas: 2 });
    web.cluster.report(web.inState('running'), 'complete');
    await web.ask({ restart, image: 'new', replicas: 2, update: { FailureAction: 'rollback', Delay: 60e9 } });
    web.run();
    expect(web.runs()).toEqual(['1 new']);
    web.cluster.report(web.inState('running'), 'failed');
    web.run();
    expect(web.runs()).toEqual(['1 old']);
  });

  it('goes by versions where tasks do not say what they were made from', async () => {
    await web.create({ replicas: 2 });
    for (const { specDigest: _none, ...task } of web.cluster.tasks('web')) web.cluster.put('task', task);
    const before = idsOf(1, 2);
    await web.ask({ image: 'new', replicas: 2 });
    await web.ask({ replicas: 2 });
    web.run();
    expect(web.runs()).toEqual(['1 old', '2 old']);
    expect(idsOf(1, 2).some((id) => before.includes(id))).toBe(false);
  });

  it('makes tasks anew that have no address where ports lead in, when the service is published', async () => {
    await web.create({});
    web.cluster.ingress();
    const [before] = idsOf(1);
    const spec = { ...web.service().spec, EndpointSpec: { Ports: [{ TargetPort: 80 }] } };
    const service = { ...web.service(), spec, specVersion: 2, ports: [{ TargetPort: 80, PublishedPort: 30_000 }] };
    web.cluster.put('service', service);
    web.run();
    expect(idsOf(1)).toHaveLength(1);
    expect(idsOf(1)).not.toEqual([before]);
  });
});

describe('a global service', () => {
  it.each(['stop-first', 'start-first'])(
    'runs on as it is on a paused node, until that is active: %s',
    async (Order) => {
      const asked = { mode: { Global: {} }, update: { Order } };
      await web.create(asked);
      web.cluster.node('b', { spec: { Role: 'worker', Availability: 'pause' } });
      await web.ask({ ...asked, image: 'new' });
      web.run();
      web.cluster.now += 5_000;
      web.run();
      const images = () =>
        web
          .inState('running')
          .map((task) => `${task.nodeId} ${task.spec.ContainerSpec!.Image}`)
          .sort();
      expect(images()).toEqual(['a new', 'b old', 'c new']);
      expect(web.status()).toBe('completed');
      web.cluster.node('b');
      web.run();
      expect(images()).toEqual(['a new', 'b new', 'c new']);
    },
  );
});
