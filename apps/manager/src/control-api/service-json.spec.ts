import { describe, expect, it } from 'vitest';
import { LOOPS } from '../loops/loops.js';
import { TestCluster } from '../testing/test-cluster.js';
import { desiredOf, serviceStatus } from './service-json.js';

describe('a service whose tasks have failed, as after a power failure of all nodes', () => {
  it.each([{ Global: {} }, { Replicated: { Replicas: 3 } }])('counts those that run instead: %j', (Mode) => {
    const cluster = new TestCluster();
    for (const node of ['a', 'b', 'c']) cluster.node(node);
    const service = cluster.service('web', { Mode });
    cluster.settle(LOOPS);
    cluster.work();
    const first = cluster.tasks('web');
    cluster.report(first, 'failed', { exitCode: 255 });
    cluster.settle(LOOPS);
    cluster.now += 6_000;
    cluster.settle(LOOPS);
    cluster.work();
    expect(serviceStatus(service, cluster)).toEqual({ RunningTasks: 3, DesiredTasks: 3, CompletedTasks: 0 });
    const ended = first.map(({ id }) => cluster.get('task', id)!.value);
    expect(ended.map(desiredOf)).toEqual(['shutdown', 'shutdown', 'shutdown']);
  });

  it('of which none is tried again is to run nowhere', () => {
    const cluster = new TestCluster();
    cluster.node('a');
    const service = cluster.service('web', {
      Mode: { Global: {} },
      TaskTemplate: { ContainerSpec: { Image: 'demo' }, RestartPolicy: { Condition: 'none' } },
    });
    cluster.settle(LOOPS);
    cluster.report(cluster.tasks('web'), 'complete');
    cluster.settle(LOOPS);
    expect(serviceStatus(service, cluster)).toMatchObject({ RunningTasks: 0, DesiredTasks: 0 });
    expect(cluster.tasks('web').map(desiredOf)).toEqual(['shutdown']);
  });
});
