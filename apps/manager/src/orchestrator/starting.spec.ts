import { beforeEach, describe, expect, it } from 'vitest';
import { isLive, type ServiceSpec, type Task } from '#lib/domain';
import { LOOPS } from '../control-loops.js';
import { TestCluster } from '../testing/test-cluster.js';

const SECOND = 1_000;
let cluster: TestCluster;

beforeEach(() => {
  cluster = new TestCluster();
  for (const id of ['a', 'b']) cluster.node(id);
});

/** The nodes do what they are told, but for ending what is to end, where that takes its time. */
function run(takesTime = false): void {
  for (let round = 0; round < 6; round++) {
    cluster.settle(LOOPS);
    cluster.work(() => takesTime);
  }
  cluster.settle(LOOPS);
}
const running = () => cluster.tasks('web').filter(({ status }) => status.state === 'running');
const live = () => cluster.tasks('web').filter(isLive);
const drain = (id: string) => cluster.node(id, { spec: { Role: 'worker', Availability: 'drain' } });

/** A service that runs once, and what becomes of its task. */
function single(spec: Partial<ServiceSpec> = {}): Task {
  cluster.service('web', spec);
  run();
  return running()[0]!;
}

describe('the successor of a task', () => {
  it('is only prepared while the old one has time to end on a node that is emptied', () => {
    const old = single();
    drain(old.nodeId!);
    run(true);
    expect(running().map(({ id }) => id)).toEqual([old.id]);
    expect(live().map(({ desired, status }) => [desired, status.state])).toEqual([['ready', 'ready']]);
    run();
    expect(running().map(({ id }) => id)).toEqual(live().map(({ id }) => id));
    expect(running()).toHaveLength(1);
  });

  it('waits for one that is unhealthy as well, beside the delay of its policy', () => {
    const old = single({ TaskTemplate: { ContainerSpec: { Image: 'demo' }, RestartPolicy: { Delay: 2e9 } } });
    cluster.report([old], 'running', { unhealthy: true });
    cluster.now += 3 * SECOND;
    run(true);
    expect(live().map(({ desired }) => desired)).toEqual(['ready']);
    cluster.report([old], 'failed');
    run();
    expect(live().map(({ desired }) => desired)).toEqual(['running']);
  });

  it('waits for one of a job', () => {
    const old = single({ Mode: { ReplicatedJob: { TotalCompletions: 1 } } });
    drain(old.nodeId!);
    run(true);
    expect(live().map(({ desired }) => desired)).toEqual(['ready']);
    run();
    expect(live().map(({ desired }) => desired)).toEqual(['complete']);
  });

  it('of a global service waits when its node is emptied and used again', () => {
    const old = single({ Mode: { Global: {} } });
    drain(old.nodeId!);
    run(true);
    cluster.node(old.nodeId!);
    run(true);
    const successor = () => live().find(({ nodeId }) => nodeId === old.nodeId);
    expect(successor()?.desired).toBe('ready');
    run();
    expect(successor()?.desired).toBe('running');
  });

  it('waits a minute and no longer', () => {
    const old = single();
    drain(old.nodeId!);
    run(true);
    cluster.now += 59 * SECOND;
    run(true);
    expect(running().map(({ id }) => id)).toEqual([old.id]);
    const wakeAt = LOOPS.map((loop) => loop.decide(cluster, cluster.now).wakeAt);
    expect(wakeAt).toContain(cluster.now + SECOND);
    cluster.now += SECOND;
    run(true);
    expect(running()).toHaveLength(2);
  });

  it.each([
    ['goes down', (id: string) => void cluster.node(id, { status: { state: 'down', addr: '' } })],
    ['is removed', (id: string) => cluster.apply([{ op: 'delete', kind: 'node', id }])],
  ])('waits no more when the node of the old one %s', (_what, happens) => {
    const old = single();
    drain(old.nodeId!);
    run(true);
    happens(old.nodeId!);
    run(true);
    expect(live().map(({ desired, status }) => [desired, status.state])).toEqual([['running', 'running']]);
  });

  it('does not wait for one that its node cannot be asked about', () => {
    const old = single();
    cluster.node(old.nodeId!, { status: { state: 'down', addr: '' } });
    cluster.settle(LOOPS);
    expect(live().map(({ desired }) => desired)).toEqual(['running']);
  });
});
