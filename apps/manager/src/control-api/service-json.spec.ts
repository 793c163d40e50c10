import { describe, expect, it } from 'vitest';
import type { ServiceSpec } from '#lib/domain';
import { LOOPS } from '../control-loops.js';
import { taskDigest } from '../orchestrator/task-digest.js';
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
