import { beforeEach, describe, expect, it } from 'vitest';
import { isLive, type ServiceMode } from '#lib/domain';
import { LOOPS } from '../control-loops.js';
import { TestCluster } from '../testing/test-cluster.js';

let cluster: TestCluster;

beforeEach(() => {
  cluster = new TestCluster();
  for (const id of ['a', 'b']) cluster.node(id, {}, { disk: 'ssd' });
});

function run(): void {
  for (let round = 0; round < 5; round++) {
    cluster.settle(LOOPS);
    cluster.work();
  }
  cluster.settle(LOOPS);
}
const service = (Mode: ServiceMode, more: object = {}) =>
  cluster.service('web', {
    Mode,
    TaskTemplate: { ContainerSpec: { Image: 'demo' }, Placement: { Constraints: ['node.labels.disk==ssd'] }, ...more },
  });
const nodes = () =>
  cluster
    .tasks('web')
    .filter((task) => isLive(task) && task.status.state === 'running')
    .map((task) => task.nodeId);

describe('a node that does not meet a constraint any more', () => {
  it.each<[string, ServiceMode, string[]]>([
    ['replicas', { Replicated: { Replicas: 2 } }, ['b', 'b']],
    ['what is global', { Global: {} }, ['b']],
    ['completions of a job', { ReplicatedJob: { TotalCompletions: 2, MaxConcurrent: 2 } }, ['b', 'b']],
    ['a global job', { GlobalJob: {} }, ['b']],
  ])('is left by %s', (_what, mode, left) => {
    // It moves, whether or not what fails is tried again.
    service(mode, { RestartPolicy: { Condition: 'none' } });
    run();
    expect(nodes().sort()).toEqual(['a', 'b']);
    cluster.node('a');
    run();
    expect(nodes()).toEqual(left);
  });

  it('keeps what has no such constraint', () => {
    cluster.service('web', { Mode: { Replicated: { Replicas: 2 } } });
    run();
    cluster.node('a');
    run();
    expect(nodes().sort()).toEqual(['a', 'b']);
  });

  it('keeps what runs while it is paused, or not heard of', () => {
    service({ Replicated: { Replicas: 2 } });
    run();
    cluster.node('a', { spec: { Role: 'worker', Availability: 'pause' } });
    run();
    expect(nodes().sort()).toEqual(['a', 'b']);
  });

  it('leaves a task waiting where no other node does, which says so', () => {
    service({ Replicated: { Replicas: 1 } });
    run();
    for (const id of ['a', 'b']) cluster.node(id);
    run();
    expect(nodes()).toEqual([]);
    const waiting = cluster.tasks('web').filter(isLive);
    expect(waiting.map(({ status }) => status.err)).toEqual([
      'no suitable node (scheduling constraints not satisfied on 2 nodes)',
    ]);
  });
});
