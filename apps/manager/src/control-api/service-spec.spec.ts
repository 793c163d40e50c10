import { expect, it } from 'vitest';
import { TestCluster } from '../testing/test-cluster.js';
import { parseServiceSpec } from './service-spec.js';

const parsed = (container: object, more: object = {}) =>
  parseServiceSpec(
    { Name: 'web', TaskTemplate: { ContainerSpec: { Image: 'demo', ...container } }, ...more },
    new TestCluster(),
  );

it.each(['Healthcheck', 'HealthCheck'])('takes a health check as %s', (name) => {
  const Test = ['CMD', 'true'];
  const spec = parsed({ [name]: { Test }, Args: ['serve'] });
  expect(spec.TaskTemplate.ContainerSpec).toEqual({ Image: 'demo', Args: ['serve'], Healthcheck: { Test } });
});

it('says which label of traffic is wrong', () => {
  expect(() => parsed({}, { Labels: { 'x-skep.drain': 'soon' } })).toThrow('label x-skep.drain');
});

it('makes up a name for a service without one, and keeps it when the service is changed', () => {
  const made = parsed({}, { Name: undefined });
  expect(made.Name).toMatch(/^[a-z]+_[a-z]+\d+$/);
  const cluster = new TestCluster();
  const changed = parseServiceSpec({ ...made, Name: '' }, cluster, cluster.service('web', { Name: 'chosen' }));
  expect(changed.Name).toBe('chosen');
});

it.each([
  [undefined, { Replicated: { Replicas: 1 } }],
  [null, { Replicated: { Replicas: 1 } }],
  [{ Replicated: {} }, { Replicated: { Replicas: 1 } }],
  [{ Replicated: { Replicas: 0 } }, { Replicated: { Replicas: 0 } }],
  [{ Global: {} }, { Global: {} }],
  [{ ReplicatedJob: {} }, { ReplicatedJob: { MaxConcurrent: 1, TotalCompletions: 1 } }],
  [{ ReplicatedJob: { MaxConcurrent: 3 } }, { ReplicatedJob: { MaxConcurrent: 3, TotalCompletions: 3 } }],
  [{ GlobalJob: {} }, { GlobalJob: {} }],
])('says how many there are to be of %j', (Mode, counted) => {
  expect(parsed({}, { Mode }).Mode).toEqual(counted);
});
