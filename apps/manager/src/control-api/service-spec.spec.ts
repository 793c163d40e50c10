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
