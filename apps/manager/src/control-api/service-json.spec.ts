import { describe, expect, it } from 'vitest';
import type { ServiceSpec } from '#lib/domain';
import { LOOPS } from '../control-loops.js';
import { makeEqualTasks, taskDigest } from '../orchestrator/task-digest.js';
import { TestCluster } from '../testing/test-cluster.js';
import { desiredOf, serviceJson, serviceStatus } from './service-json.js';

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

describe('the endpoint of a service', () => {
  const shown = (spec: Partial<ServiceSpec>, before?: Partial<ServiceSpec>) => {
    const cluster = new TestCluster();
    const service = cluster.service('web', spec);
    if (before) cluster.put('service', { ...service, previousSpec: { ...service.spec, ...before } });
    return serviceJson(cluster.get('service', service.id)!, cluster);
  };
  const Ports = [{ TargetPort: 80 }];

  it('says the mode that holds where the service names none', () => {
    const json = shown({ EndpointSpec: { Ports } }, { EndpointSpec: {} });
    expect(json.Spec.EndpointSpec).toEqual({ Mode: 'vip', Ports });
    expect(json.PreviousSpec?.EndpointSpec).toEqual({ Mode: 'vip' });
    expect(json.Endpoint.Spec).toEqual({ Mode: 'vip', Ports });
  });

  it('says the mode that the service names', () => {
    const json = shown({ EndpointSpec: { Mode: 'dnsrr' } });
    expect([json.Spec.EndpointSpec, json.Endpoint.Spec]).toEqual([{ Mode: 'dnsrr' }, { Mode: 'dnsrr' }]);
  });

  it('is not there where none was asked for', () => {
    const json = shown({});
    expect(json.Spec).not.toHaveProperty('EndpointSpec');
    expect(json.Endpoint.Spec).toEqual({});
  });

  it('changes no task when a client sends back what it was shown', () => {
    const { Spec } = shown({ EndpointSpec: { Ports: [{ TargetPort: 80, PublishedPort: 80, PublishMode: 'host' }] } });
    const { EndpointSpec: { Mode: _said, ...asked } = {}, ...rest } = Spec;
    expect(taskDigest(Spec)).toBe(taskDigest({ ...rest, EndpointSpec: asked }));
  });
});

describe('what a service does not say', () => {
  const shown = (spec: Partial<ServiceSpec>, defaults?: boolean) => {
    const cluster = new TestCluster();
    const service = cluster.service('web', spec);
    cluster.put('service', { ...service, previousSpec: service.spec });
    return serviceJson(cluster.get('service', service.id)!, cluster, defaults);
  };
  const update = {
    Parallelism: 1,
    Delay: 0,
    FailureAction: 'pause',
    Monitor: 5e9,
    MaxFailureRatio: 0,
    Order: 'stop-first',
  };

  it('of labels is that it has none', () => {
    const { Spec, PreviousSpec } = shown({});
    expect([Spec.Labels, PreviousSpec?.Labels]).toEqual([{}, {}]);
    expect(shown({ Labels: { tier: 'front' } }).Spec.Labels).toEqual({ tier: 'front' });
  });

  it('is shown with its defaults to who asks for them', () => {
    const { Spec, PreviousSpec } = shown({}, true);
    expect(Spec).toEqual({
      Name: 'web',
      Labels: {},
      TaskTemplate: {
        ContainerSpec: { Image: 'demo', StopGracePeriod: 10e9, DNSConfig: {} },
        Resources: {},
        RestartPolicy: { Condition: 'any', Delay: 5e9, MaxAttempts: 0 },
        Placement: {},
      },
      UpdateConfig: update,
      RollbackConfig: update,
    });
    expect(PreviousSpec).toEqual(shown({}).PreviousSpec);
    expect(shown({}).Spec).not.toHaveProperty('UpdateConfig');
  });

  it('is no more than that: what it says is shown as it is', () => {
    const asked = {
      TaskTemplate: {
        ContainerSpec: { Image: 'demo', StopGracePeriod: 0, DNSConfig: { Search: ['lan'] } },
        Resources: { Limits: { Pids: 5 } },
        RestartPolicy: { Condition: 'none' as const, Delay: 0, MaxAttempts: 2, Window: 7 },
        Placement: { MaxReplicas: 1 },
      },
      UpdateConfig: { ...update, Parallelism: 0, Order: 'start-first' as const, FailureAction: 'continue' as const },
    };
    expect(shown(asked, true).Spec).toMatchObject(asked);
    const partly = shown({ UpdateConfig: { Parallelism: 3, Monitor: 0 } }, true).Spec;
    expect(partly.UpdateConfig).toEqual({ ...update, Parallelism: 3 });
  });

  it('changes no task when it is sent back', () => {
    const said = shown({}, true).Spec;
    expect(makeEqualTasks(said, shown({}).Spec)).toBe(true);
    const TaskTemplate = { ...said.TaskTemplate, RestartPolicy: { ...said.TaskTemplate.RestartPolicy, Delay: 1e9 } };
    expect(makeEqualTasks({ ...said, TaskTemplate }, shown({}).Spec)).toBe(false);
  });
});
