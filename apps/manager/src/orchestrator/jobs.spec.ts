import { beforeEach, describe, expect, it } from 'vitest';
import { isLive, type Service, type ServiceSpec } from '#lib/domain';
import { serviceStatus } from '../control-api/service-json.js';
import { LOOPS } from '../control-loops.js';
import { OneService } from '../testing/one-service.js';
import { TestCluster } from '../testing/test-cluster.js';

const SECOND = 1_000;
let cluster: TestCluster;

beforeEach(() => {
  cluster = new TestCluster();
  for (const id of ['a', 'b', 'c']) cluster.node(id);
});

const job = (Mode: ServiceSpec['Mode'], RestartPolicy: object = {}) =>
  cluster.service('job', { Mode, TaskTemplate: { ContainerSpec: { Image: 'demo' }, RestartPolicy } });
const tasks = () => cluster.tasks('job');
const live = () => tasks().filter(isLive);
const running = () => tasks().filter(({ status }) => status.state === 'running');
const complete = () => tasks().filter(({ status }) => status.state === 'complete');
const end = (state: 'complete' | 'failed') =>
  cluster.report(running(), state, { exitCode: state === 'failed' ? 1 : 0 });
const status = () => serviceStatus(cluster.list('service')[0]!, cluster);
/** The nodes do what they are told, and the loops decide, until both rest; what runs goes on. */
function run(): void {
  for (let round = 0; round < 5; round++) {
    cluster.settle(LOOPS);
    cluster.work();
  }
  cluster.settle(LOOPS);
}
const again = (service: Service) =>
  cluster.put('service', { ...service, specVersion: service.specVersion + 1, jobIteration: service.jobIteration! + 1 });

describe('a replicated job', () => {
  const mode = { ReplicatedJob: { TotalCompletions: 5, MaxConcurrent: 2 } };

  it('runs to its number of completions, so many at a time, each of them once', () => {
    job(mode);
    for (const [runs, done] of [
      [2, 0],
      [2, 2],
      [1, 4],
      [0, 5],
    ]) {
      run();
      // However long they take.
      cluster.now += 60 * SECOND;
      run();
      expect([running().length, complete().length, tasks().length]).toEqual([runs, done, runs! + done!]);
      expect(status()).toEqual({ RunningTasks: runs, DesiredTasks: 2, CompletedTasks: done });
      end('complete');
    }
    // `docker service create` waits for tasks of exactly these slots.
    expect(
      complete()
        .map(({ slot }) => slot)
        .sort(),
    ).toEqual([0, 1, 2, 3, 4]);
  });

  it('tries again what failed, after the delay and as often as it may', () => {
    job({ ReplicatedJob: { TotalCompletions: 1 } }, { Condition: 'on-failure', Delay: 2e9, MaxAttempts: 1 });
    run();
    end('failed');
    run();
    expect(live().map(({ desired }) => desired)).toEqual(['ready']);
    cluster.now += 2 * SECOND;
    run();
    expect(running()).toHaveLength(1);
    end('failed');
    cluster.now += 10 * SECOND;
    run();
    expect(live()).toEqual([]);
    expect(tasks()).toHaveLength(2);
  });

  it('goes on elsewhere when its node is emptied or lost', () => {
    job(mode);
    run();
    const [first, second] = running();
    cluster.node(first!.nodeId!, { spec: { Role: 'worker', Availability: 'drain' } });
    cluster.node(second!.nodeId!, { status: { state: 'down', addr: '' } });
    run();
    const left = live().filter(({ status: { state } }) => state === 'running');
    expect(left.map(({ slot }) => slot).sort()).toEqual([0, 1]);
    expect(left.every(({ nodeId }) => nodeId !== first!.nodeId && nodeId !== second!.nodeId)).toBe(true);
  });

  it('begins anew with each run: what was under way ends, what was done stays in the history', () => {
    const service = job(mode);
    run();
    cluster.report(running().slice(0, 1), 'complete', { exitCode: 0 });
    run();
    again(service);
    run();
    expect(running().map(({ jobIteration }) => jobIteration)).toEqual([1, 1]);
    expect(complete().map(({ jobIteration }) => jobIteration)).toEqual([0]);
    expect(status()).toEqual({ RunningTasks: 2, DesiredTasks: 2, CompletedTasks: 0 });
  });
});

describe('a global job', () => {
  it('runs once on each node, also on one that comes later', () => {
    job({ GlobalJob: {} });
    run();
    cluster.now += 60 * SECOND;
    run();
    expect(tasks().map(({ nodeId }) => nodeId)).toEqual(['a', 'b', 'c']);
    expect(status()).toEqual({ RunningTasks: 3, DesiredTasks: 3, CompletedTasks: 0 });
    end('complete');
    run();
    expect(live()).toEqual([]);
    expect(status()).toEqual({ RunningTasks: 0, DesiredTasks: 0, CompletedTasks: 3 });
    cluster.node('d');
    run();
    expect(running().map(({ nodeId }) => nodeId)).toEqual(['d']);
  });

  it('begins anew with each run', () => {
    const service = job({ GlobalJob: {} });
    run();
    end('complete');
    again(service);
    run();
    expect(running().map(({ nodeId }) => nodeId)).toEqual(['a', 'b', 'c']);
    expect(tasks()).toHaveLength(6);
  });
});

describe('a job that is updated', () => {
  const mode = { ReplicatedJob: { TotalCompletions: 2, MaxConcurrent: 2 } };
  const runs = (own: OneService, state: string) => own.inState(state).map(({ jobIteration }) => jobIteration);

  it.each([
    ['its spec as it was', { mode }, {}],
    ['another label', { mode, labels: { tier: 'back' } }, {}],
    ['another number', { mode: { ReplicatedJob: { TotalCompletions: 2, MaxConcurrent: 1 } } }, {}],
    ['another image', { mode, image: 'new' }, {}],
    ['a rollback', { mode }, { rollback: 'previous' }],
  ])('with %s runs again', async (_what, asked, query) => {
    const own = new OneService();
    await own.create({ mode });
    await own.ask({ mode, labels: { tier: 'front' } });
    own.run();
    expect(runs(own, 'running')).toEqual([1, 1]);
    own.cluster.report(own.inState('running'), 'complete', { exitCode: 0 });
    own.cluster.now += SECOND;
    await own.ask(asked, query);
    own.run();
    expect(runs(own, 'running').every((run) => run === 2)).toBe(true);
    expect(runs(own, 'running').length).toBeGreaterThan(0);
    expect(runs(own, 'complete')).toEqual([1, 1]);
  });

  it('ends what its run before left unfinished', async () => {
    const own = new OneService();
    await own.create({ mode });
    await own.ask({ mode });
    own.run();
    expect(own.cluster.tasks('web').filter(isLive)).toHaveLength(2);
    expect(runs(own, 'running')).toEqual([1, 1]);
  });
});
