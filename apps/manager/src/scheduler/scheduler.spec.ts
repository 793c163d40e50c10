import { beforeEach, describe, expect, it } from 'vitest';
import { isLive, type Placement } from '#lib/domain';
import { LOOPS } from '../control-loops.js';
import { TestCluster } from '../testing/test-cluster.js';

let cluster: TestCluster;

beforeEach(() => {
  cluster = new TestCluster();
  for (const id of ['a', 'b', 'c']) cluster.node(id);
});

function run(): void {
  for (let round = 0; round < 5; round++) {
    cluster.settle(LOOPS);
    cluster.work();
  }
  cluster.settle(LOOPS);
}
const placed = (name: string, placement: object) =>
  cluster.service(name, {
    TaskTemplate: { ContainerSpec: { Image: 'demo' }, Placement: placement as Placement },
  });
const running = (service: string) => cluster.tasks(service).filter((task) => isLive(task) && task.nodeId !== undefined);

describe('one service that cannot be understood', () => {
  // A state that an earlier version has let in.
  it.each([{ Preferences: [null] }, { Constraints: ['node.id=b'] }, { Platforms: [null] }])(
    'holds up nobody else, and says why: %j',
    (placement) => {
      placed('odd', placement);
      cluster.service('web');
      run();
      expect(running('web')).toHaveLength(1);
      const [odd] = cluster.tasks('odd');
      expect(odd!.status).toMatchObject({ state: 'pending', message: 'no suitable node' });
      expect(odd!.status.err).not.toBe('');
    },
  );

  it.each([{ Constraints: null }, { Preferences: null }, { Platforms: null }])('takes %j for nothing', (placement) => {
    placed('web', placement);
    run();
    expect(running('web')).toHaveLength(1);
  });
});

describe('a port in host mode', () => {
  const on = (PublishedPort?: number) => ({
    EndpointSpec: {
      Ports: [{ TargetPort: 80, Protocol: 'tcp' as const, PublishMode: 'host' as const, PublishedPort }],
    },
  });

  it.each([undefined, 8080])('keeps others from its node, whoever chose it: asked for as %s', (asked) => {
    cluster.service('web', { ...on(asked), Mode: { Replicated: { Replicas: 3 } } });
    run();
    const PublishedPort = asked ?? 50_051;
    const ports = [{ TargetPort: 80, Protocol: 'tcp' as const, PublishMode: 'host' as const, PublishedPort }];
    cluster.report(running('web'), 'running', asked === undefined ? { ports } : {});
    cluster.service('same', on(PublishedPort));
    cluster.service('other', on(PublishedPort + 1));
    run();
    expect([running('same'), running('other')]).toMatchObject([[], [{ status: { state: 'running' } }]]);
    expect(cluster.tasks('same')[0]!.status.err).toContain('host-mode port already in use on 3 nodes');
  });
});

describe('a node that fails everything', () => {
  const SECOND = 1_000;
  /** What comes to node a ends at once, and what comes to another runs. */
  function failOnA(state: 'failed' | 'rejected', rounds: number): void {
    for (let round = 0; round < rounds; round++) {
      cluster.settle(LOOPS);
      cluster.report(
        running('web').filter((task) => task.nodeId === 'a'),
        state,
      );
      cluster.work();
      cluster.now += SECOND;
    }
    run();
  }
  const nodes = (service: string) => running(service).map((task) => task.nodeId);
  const quick = (more: object = {}) => ({
    TaskTemplate: { ContainerSpec: { Image: 'demo' }, RestartPolicy: { Delay: 1 }, ...more },
  });
  beforeEach(() => {
    // The others are fuller, so that a is chosen for as long as only that counts.
    cluster.service('ballast', {
      Mode: { Replicated: { Replicas: 4 } },
      TaskTemplate: { ContainerSpec: { Image: 'demo' }, Placement: { Constraints: ['node.id!=a'] } },
    });
    run();
  });

  it.each(['failed', 'rejected'] as const)('is the last choice after five of them: %s', (state) => {
    cluster.service('web', quick());
    failOnA(state, 4);
    expect(nodes('web')).toEqual(['a']);
    failOnA(state, 1);
    expect(nodes('web')).toEqual(['b']);
    expect(cluster.tasks('web').filter((task) => task.nodeId === 'a')).toHaveLength(5);
  });

  it('is the last choice among those of a preference, too', () => {
    cluster.node('a', {}, { zone: 'empty' });
    for (const id of ['b', 'c']) cluster.node(id, {}, { zone: 'full' });
    const Preferences = [{ Spread: { SpreadDescriptor: 'node.labels.zone' } }];
    cluster.service('web', quick({ Placement: { Preferences } }));
    failOnA('rejected', 10);
    expect(nodes('web')).toEqual(['b']);
  });

  it('is a choice like others again after five minutes, and for another service at once', () => {
    cluster.service('web', quick());
    failOnA('rejected', 10);
    cluster.service('other', quick());
    run();
    expect(nodes('other')).toEqual(['a']);
    cluster.now += 300 * SECOND;
    cluster.report(running('web'), 'failed');
    cluster.now += SECOND;
    cluster.apply([{ op: 'delete', kind: 'service', id: 'other-id' }]);
    run();
    expect(nodes('web')).toEqual(['a']);
  });

  it('is a choice like others for another spec, which may have mended it', () => {
    cluster.service('web', quick());
    failOnA('rejected', 10);
    const { spec, ...web } = cluster.get('service', 'web-id')!.value;
    const TaskTemplate = { ...spec.TaskTemplate, ContainerSpec: { Image: 'mended' } };
    cluster.put('service', { ...web, spec: { ...spec, TaskTemplate }, specVersion: 2 });
    run();
    expect(nodes('web')).toEqual(['a']);
  });

  it('is taken where there is no other', () => {
    for (const id of ['b', 'c']) cluster.node(id, { spec: { Role: 'worker', Availability: 'pause' } });
    cluster.service('web', quick());
    failOnA('rejected', 8);
    expect(nodes('web')).toEqual(['a']);
  });
});

it('says of a task that was made for its node what is against that node alone', () => {
  const { description } = cluster.node('c');
  cluster.node('c', { description: { ...description!, memoryBytes: 1e9 } });
  cluster.service('mon', {
    Mode: { Global: {} },
    TaskTemplate: { ContainerSpec: { Image: 'demo' }, Resources: { Reservations: { MemoryBytes: 2e9 } } },
  });
  run();
  const there = cluster.tasks('mon').find(({ nodeId }) => nodeId === 'c')!;
  expect(there.status.err).toBe('no suitable node (insufficient resources on 1 node)');
});
