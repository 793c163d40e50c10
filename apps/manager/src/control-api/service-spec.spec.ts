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
