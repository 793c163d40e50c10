import { beforeEach, describe, expect, it } from 'vitest';
import { isLive, type Task } from '#lib/domain';
import { LOOPS } from './control-loops.js';
import { TestCluster } from './testing/test-cluster.js';

const SECOND = 1_000;
let cluster: TestCluster;

beforeEach(() => {
  cluster = new TestCluster();
  for (const id of ['a', 'b', 'c']) cluster.node(id);
});

const settle = () => cluster.settle(LOOPS);
/** The nodes do what they are told, and the loops decide, until both rest. */
function run(): void {
  for (let round = 0; round < 10; round++) {
    settle();
    cluster.work();
  }
  settle();
}
const live = (service: string) => cluster.tasks(service).filter(isLive);
const nodesOf = (tasks: readonly Task[]) => tasks.map((task) => task.nodeId).sort();

describe('a replicated service', () => {
  it('gets as many tasks as replicas, spread over the nodes, and comes to rest', () => {
    cluster.service('web', { Mode: { Replicated: { Replicas: 6 } } });
    run();
    expect(
      live('web')
        .map((task) => task.slot)
        .sort(),
    ).toEqual([1, 2, 3, 4, 5, 6]);
    expect(nodesOf(live('web'))).toEqual(['a', 'a', 'b', 'b', 'c', 'c']);
    expect(live('web').every((task) => task.status.state === 'running')).toBe(true);
  });

  it('loses the highest slots first when there are to be fewer, and forgets their tasks', () => {
    const web = cluster.service('web', { Mode: { Replicated: { Replicas: 4 } } });
    run();
    cluster.put('service', { ...web, spec: { ...web.spec, Mode: { Replicated: { Replicas: 2 } } } });
    run();
    expect(
      cluster
        .tasks('web')
        .map((task) => task.slot)
        .sort(),
    ).toEqual([1, 2]);
  });

  it('is rescheduled when its node goes down, and the lost task is told to stop', () => {
    cluster.service('web', { Mode: { Replicated: { Replicas: 3 } } });
    run();
    const lost = live('web').find((task) => task.nodeId === 'a')!;
    cluster.node('a', { status: { state: 'down', addr: '' } });
    run();
    expect(live('web').every((task) => task.nodeId !== 'a')).toBe(true);
    expect(live('web')).toHaveLength(3);
    expect(cluster.get('task', lost.id)?.value.desired).toBe('shutdown');
  });

  it('leaves a node that is drained, and does not go to one that is paused', () => {
    cluster.node('b', { spec: { Role: 'worker', Availability: 'pause' } });
    cluster.service('web', { Mode: { Replicated: { Replicas: 2 } } });
    run();
    expect(nodesOf(live('web'))).toEqual(['a', 'c']);
    cluster.node('a', { spec: { Role: 'worker', Availability: 'drain' } });
    run();
    expect(nodesOf(live('web'))).toEqual(['c', 'c']);
  });

  it('says why a task has no node', () => {
    cluster.service('web', {
      TaskTemplate: { ContainerSpec: { Image: 'demo' }, Placement: { Constraints: ['node.labels.disk==ssd'] } },
    });
    run();
    expect(cluster.tasks('web')[0]!.status).toMatchObject({
      state: 'pending',
      err: 'no suitable node (scheduling constraints not satisfied on 3 nodes)',
    });
    cluster.node('b', {}, { disk: 'ssd' });
    run();
    expect(nodesOf(live('web'))).toEqual(['b']);
  });

  it('is gone with all its tasks when it is removed', () => {
    const web = cluster.service('web', { Mode: { Replicated: { Replicas: 3 } } });
    run();
    cluster.apply([{ op: 'delete', kind: 'service', id: web.id }]);
    run();
    expect(cluster.list('task')).toEqual([]);
  });
});

describe('a task that ended', () => {
  const policy = (RestartPolicy: object) =>
    cluster.service('web', { TaskTemplate: { ContainerSpec: { Image: 'demo' }, RestartPolicy } });

  it('gets a successor after the delay, which is prepared meanwhile', () => {
    policy({ Delay: 2e9 });
    run();
    cluster.report(live('web'), 'failed', { exitCode: 1 });
    run();
    expect(live('web').map((task) => [task.desired, task.status.state])).toEqual([['ready', 'ready']]);
    cluster.now += 2 * SECOND;
    run();
    expect(live('web').map((task) => [task.desired, task.status.state])).toEqual([['running', 'running']]);
  });

  it.each([
    [{ Condition: 'none' }, 'failed', 0],
    [{ Condition: 'on-failure' }, 'complete', 0],
    [{ Condition: 'on-failure', Delay: 1 }, 'failed', 1],
    [{ Condition: 'any', Delay: 1 }, 'complete', 1],
  ] as const)('by its policy %j: %s', (condition, state, expected) => {
    policy(condition);
    run();
    cluster.report(live('web'), state);
    cluster.now += SECOND;
    run();
    expect(live('web')).toHaveLength(expected);
  });

  it.each<{ Mode?: { Global?: object; ReplicatedJob?: object } }>([
    {},
    { Mode: { Global: {} } },
    { Mode: { ReplicatedJob: { TotalCompletions: 50, MaxConcurrent: 1 } } },
  ])('is tried once in each delay where its node rejects it at once: %j', (mode) => {
    const TaskTemplate = { ContainerSpec: { Image: 'demo' }, RestartPolicy: { Delay: 2e9 } };
    cluster.service('web', { TaskTemplate, ...mode });
    const tries = new Map<string, Set<string>>();
    for (let tick = 0; tick < 100; tick++) {
      run();
      for (const { id, nodeId = '' } of live('web')) tries.set(nodeId, (tries.get(nodeId) ?? new Set()).add(id));
      cluster.report(live('web'), 'rejected');
      cluster.now += 100;
    }
    const each = [...tries.values()].map((ids) => ids.size);
    // In ten seconds; each is prepared two seconds before its time.
    expect(mode.Mode?.Global ? Math.max(...each) : each.reduce((a, b) => a + b)).toBeLessThanOrEqual(7);
    expect(Math.min(...each)).toBeGreaterThan(0);
  });

  it('that its node rejects is replaced by an update at once', () => {
    const of = (Image: string) => ({ ContainerSpec: { Image }, RestartPolicy: { Delay: 60e9 } });
    const service = cluster.service('web', { TaskTemplate: of('bad') });
    for (let tick = 0; tick < 3; tick++) {
      run();
      cluster.report(live('web'), 'rejected');
      cluster.now += 100;
    }
    run();
    expect(live('web')).toEqual([]);
    const spec = { ...service.spec, TaskTemplate: of('good') };
    cluster.put('service', { ...service, spec, specVersion: service.specVersion + 1 });
    run();
    expect(live('web').map((task) => [task.spec.ContainerSpec?.Image, task.desired])).toEqual([['good', 'running']]);
  });

  it('is not tried more often than it may be', () => {
    policy({ Condition: 'any', Delay: 1, MaxAttempts: 2 });
    for (let round = 0; round < 6; round++) {
      run();
      cluster.now += SECOND;
      cluster.report(live('web'), 'failed');
    }
    run();
    expect(cluster.tasks('web')).toHaveLength(3);
    expect(live('web')).toHaveLength(0);
  });

  it('leaves five of its kind in the history of its slot', () => {
    policy({ Condition: 'any', Delay: 1 });
    for (let round = 0; round < 9; round++) {
      run();
      cluster.now += SECOND;
      cluster.report(live('web'), 'failed');
    }
    run();
    expect(cluster.tasks('web').filter((task) => !isLive(task))).toHaveLength(5);
  });
});

describe('other modes', () => {
  it('has one task of a global service on each node that fits, also on one that comes later', () => {
    cluster.service('agent', {
      Mode: { Global: {} },
      TaskTemplate: { ContainerSpec: { Image: 'demo' }, Placement: { Constraints: ['node.id!=b'] } },
    });
    run();
    expect(nodesOf(live('agent'))).toEqual(['a', 'c']);
    cluster.node('d');
    run();
    expect(nodesOf(live('agent'))).toEqual(['a', 'c', 'd']);
  });
});

describe('an update', () => {
  const begin = (config: object) => {
    const web = cluster.service('web', { Mode: { Replicated: { Replicas: 4 } } });
    run();
    const spec = {
      ...web.spec,
      UpdateConfig: { Parallelism: 1, ...config },
      TaskTemplate: { ContainerSpec: { Image: 'newer' } },
    };
    cluster.put('service', { ...web, spec, previousSpec: web.spec, specVersion: 2 });
  };
  const images = () => live('web').map((task) => task.spec.ContainerSpec!.Image);
  const status = () => cluster.list('service')[0]!.updateStatus?.state;

  it('replaces one replica at a time, the old one first', () => {
    begin({});
    let least = 4;
    for (let round = 0; round < 40 && status() !== 'completed'; round++) {
      settle();
      least = Math.min(least, live('web').filter((task) => task.status.state === 'running').length);
      cluster.work();
    }
    expect(least).toBe(3);
    expect(status()).toBe('updating');
    cluster.now += 5 * SECOND;
    settle();
    expect(status()).toBe('completed');
    expect(images()).toEqual(Array.from({ length: 4 }, () => 'newer'));
  });

  it('starts the new one first where that is the order: there are never fewer', () => {
    begin({ Order: 'start-first', Parallelism: 2 });
    let least = 4;
    for (let round = 0; round < 40 && status() !== 'completed'; round++) {
      settle();
      least = Math.min(least, live('web').filter((task) => task.status.state === 'running').length);
      cluster.work();
    }
    expect(least).toBe(4);
    expect(images()).toEqual(Array.from({ length: 4 }, () => 'newer'));
  });

  it('pauses when a new task fails, and leaves the others as they are', () => {
    begin({ FailureAction: 'pause' });
    failNew();
    expect(status()).toBe('paused');
    expect(images().filter((image) => image === 'demo')).toHaveLength(3);
  });

  it('goes back to the spec before where it is to', () => {
    begin({ FailureAction: 'rollback' });
    failNew();
    run();
    cluster.now += 5 * SECOND;
    settle();
    expect(status()).toBe('rollback_completed');
    expect(images()).toEqual(Array.from({ length: 4 }, () => 'demo'));
  });

  it('is watched to its end: the last replica may fail, too', () => {
    begin({ FailureAction: 'pause', Parallelism: 4 });
    run();
    expect(images()).toEqual(Array.from({ length: 4 }, () => 'newer'));
    cluster.now += 4 * SECOND;
    settle();
    expect(status()).toBe('updating');
    cluster.report([live('web')[3]!], 'failed', { err: 'exit 1' });
    settle();
    expect(status()).toBe('paused');
  });

  it('is not what a service does that is new, grows or fails of itself', () => {
    cluster.service('web', { Mode: { Replicated: { Replicas: 2 } } });
    settle();
    cluster.report(live('web'), 'failed');
    run();
    expect(status()).toBeUndefined();
  });

  function failNew(): void {
    for (let round = 0; round < 20; round++) {
      settle();
      const fresh = live('web').filter((task) => task.specVersion === 2 && task.status.state === 'assigned');
      cluster.report(
        fresh.filter((task) => task.desired === 'running'),
        'failed',
        { err: 'exit 1' },
      );
      cluster.work();
      const started = live('web').filter((task) => task.specVersion === 2 && task.status.state === 'running');
      cluster.report(started, 'failed', { err: 'exit 1' });
    }
  }
});

describe('addresses and ports', () => {
  it('gives networks subnets of the pool and numbers of their own, and every task its own address', () => {
    cluster.network('front');
    cluster.network('back');
    cluster.service('web', {
      Mode: { Replicated: { Replicas: 3 } },
      TaskTemplate: { ContainerSpec: { Image: 'demo' }, Networks: [{ Target: 'front-id' }, { Target: 'back-id' }] },
    });
    run();
    const [front, back] = cluster.list('network');
    expect([front!.vni, back!.vni]).toEqual([4097, 4098]);
    expect(front!.pools[0]!.subnet).not.toBe(back!.pools[0]!.subnet);
    const given = cluster.tasks('web').flatMap((task) => task.attachments.map((at) => `${at.networkId} ${at.ipv4}`));
    const virtual = Object.entries(cluster.list('service')[0]!.virtualAddresses).map(
      ([id, { ipv4 }]) => `${id} ${ipv4}`,
    );
    expect(virtual).toHaveLength(2);
    expect(new Set([...given, ...virtual]).size).toBe(8);
  });

  it('says in the task that a subnet is full', () => {
    cluster.network('small', [{ subnet: '10.5.0.0/29' }]);
    cluster.service('web', {
      Mode: { Replicated: { Replicas: 8 } },
      TaskTemplate: { ContainerSpec: { Image: 'demo' }, Networks: [{ Target: 'small-id' }] },
    });
    run();
    const waiting = cluster.tasks('web').filter((task) => task.status.state === 'new');
    expect(waiting.length).toBeGreaterThan(0);
    expect(waiting[0]!.status.err).toMatch(/network small: .*10\.5\.0\.0\/29/);
  });

  it('does not give an address again while its name may be remembered', () => {
    cluster.network('front');
    const web = cluster.service('web', {
      TaskTemplate: {
        ContainerSpec: { Image: 'demo' },
        Networks: [{ Target: 'front-id' }],
        RestartPolicy: { Delay: 1 },
      },
    });
    run();
    const before = live('web')[0]!.attachments[0]!.ipv4;
    cluster.now += SECOND;
    cluster.report(live('web'), 'failed');
    run();
    expect(live('web')[0]!.attachments[0]!.ipv4).not.toBe(before);
    expect(web.virtualAddresses).toEqual({});
  });

  it('fills in ingress ports that were not chosen, each of one service only', () => {
    cluster.ingress();
    const ports = { EndpointSpec: { Ports: [{ TargetPort: 80 }] } };
    cluster.service('web', ports);
    cluster.service('api', ports);
    run();
    const published = cluster.list('service').map((service) => service.ports[0]!.PublishedPort);
    expect(published).toEqual([30_000, 30_001]);
  });

  it('gives every node and every task with an ingress port an address of its own on the ingress network', () => {
    cluster.ingress();
    cluster.network('front');
    const TaskTemplate = { ContainerSpec: { Image: 'demo' }, Networks: [{ Target: 'front-id' }] };
    cluster.service('web', {
      TaskTemplate,
      EndpointSpec: { Ports: [{ TargetPort: 80 }] },
      Mode: { Replicated: { Replicas: 2 } },
    });
    cluster.service('job', { TaskTemplate });
    run();
    const [ingress, front] = ['ingress', 'front'].map((name) =>
      cluster.list('network').find((each) => each.name === name)!,
    );
    expect([ingress!.vni, front!.vni]).toEqual([4096, 4097]);
    const nodes = cluster.list('node').map((node) => node.addresses?.[ingress!.id]?.ipv4);
    const tasks = cluster.tasks('web').map((task) => task.attachments.map((at) => at.networkId));
    expect(tasks).toEqual([1, 2].map(() => [front!.id, ingress!.id]));
    expect(cluster.tasks('job').map((task) => task.attachments.length)).toEqual([1]);
    const given = [...nodes, ...cluster.tasks('web').map((task) => task.attachments[1]!.ipv4)];
    expect(new Set(given).size).toBe(cluster.list('node').length + 2);
    expect(given.every((address) => address?.startsWith(ingress!.pools[0]!.subnet.replace(/0\/24$/, '')))).toBe(true);
  });

  it('says in the task that there is no ingress network', () => {
    cluster.service('web', { EndpointSpec: { Ports: [{ TargetPort: 80 }] } });
    run();
    expect(cluster.tasks('web').map((task) => task.status.err)).toEqual([
      'service needs ingress network, but no ingress network is present',
    ]);
  });
});
