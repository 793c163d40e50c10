import { beforeEach, describe, expect, it } from 'vitest';
import { isLive, type RestartCondition, type ServiceMode } from '#lib/domain';
import { LOOPS } from '../control-loops.js';
import { TestCluster } from '../testing/test-cluster.js';

const SECOND = 1_000;
let cluster: TestCluster;

beforeEach(() => {
  cluster = new TestCluster();
  for (const id of ['a', 'b']) cluster.node(id);
});

function run(): void {
  for (let round = 0; round < 4; round++) {
    cluster.settle(LOOPS);
    cluster.work();
  }
  cluster.settle(LOOPS);
}
function keep(TaskHistoryRetentionLimit: number): void {
  const known = cluster.get('cluster', 'cluster')!.value;
  cluster.put('cluster', { ...known, spec: { ...known.spec, Orchestration: { TaskHistoryRetentionLimit } } });
}
const service = (RestartPolicy: RestartCondition, Mode?: ServiceMode) =>
  cluster.service('web', { ...(Mode && { Mode }), TaskTemplate: { ContainerSpec: { Image: 'demo' }, RestartPolicy } });
const live = () => cluster.tasks('web').filter(isLive);
const past = () => cluster.tasks('web').filter((task) => !isLive(task));
/** What runs ends, again and again; gives how many tasks there were in all. */
function end(state: 'failed' | 'complete', rounds: number): number {
  const seen = new Set<string>();
  for (let round = 0; round < rounds; round++) {
    run();
    for (const { id } of cluster.tasks('web')) seen.add(id);
    cluster.now += SECOND;
    cluster.report(live(), state);
  }
  run();
  return seen.size;
}

describe('the history of a replica', () => {
  it.each([
    [-1, 9],
    [0, 0],
    [2, 2],
    [5, 5],
    [20, 9],
  ])('by a limit of %i keeps of nine tasks that ended and one that lives: %i', (limit, kept) => {
    keep(limit);
    service({ Delay: 1 });
    end('failed', 9);
    expect(past()).toHaveLength(kept);
  });

  it.each([
    [0, 1],
    [0, 3],
    [5, 5],
    [5, 12],
  ])('by a limit of %i has all that is counted for %i restarts', (limit, MaxAttempts) => {
    keep(limit);
    service({ Condition: 'any', Delay: 1, MaxAttempts });
    expect(end('failed', MaxAttempts + 5)).toBe(MaxAttempts + 1);
    expect(live()).toEqual([]);
  });

  it('of a spec that is no more is not counted', () => {
    keep(1);
    const { id } = service({ Condition: 'any', Delay: 1, MaxAttempts: 3 });
    end('failed', 4);
    expect(past()).toHaveLength(4);
    const known = cluster.get('service', id)!.value;
    cluster.put('service', { ...known, specVersion: 2 });
    end('failed', 6);
    expect(past().map(({ specVersion }) => specVersion)).toEqual([2, 2, 2, 2]);
  });

  it.each([
    ['none', 'failed'],
    ['none', 'complete'],
    ['on-failure', 'complete'],
  ] as const)('of none does not start a task again that is not to be: %s, %s', (Condition, state) => {
    keep(0);
    service({ Condition, Delay: 1 });
    expect(end(state, 5)).toBe(1);
  });

  it.each<[ServiceMode, number]>([
    [{ ReplicatedJob: { TotalCompletions: 3, MaxConcurrent: 1 } }, 3],
    [{ GlobalJob: {} }, 2],
  ])('of none does not run what is done of a job again: %j', (mode, total) => {
    keep(0);
    service({ Condition: 'on-failure', Delay: 1 }, mode);
    expect(end('complete', 6)).toBe(total);
    expect(past()).toHaveLength(total);
  });
});
