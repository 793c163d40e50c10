import { expect, it } from 'vitest';
import type { ServiceSpec } from '#lib/domain';
import type { ClusterKey } from '../cluster/cluster-key.js';
import type { LogReading } from '../logs/log-reading.js';
import { TestCluster } from '../testing/test-cluster.js';
import { ServicesController } from './services.controller.js';

it('a service that is sent back as it was shown keeps its tasks, its defaults said or not', async () => {
  const cluster = new TestCluster();
  const services = new ServicesController(cluster.store(), {} as ClusterKey, {} as LogReading);
  await services.create({ Name: 'web', TaskTemplate: { ContainerSpec: { Image: 'demo' } } }, undefined);
  const sendBack = async (change: (spec: ServiceSpec) => ServiceSpec) => {
    const { Spec, Version } = services.inspect('web', 'true');
    await services.update('web', { version: String(Version.Index) }, undefined, change(Spec));
    return cluster.list('service')[0]!.specVersion;
  };
  expect(await sendBack((spec) => spec)).toBe(1);
  expect(services.inspect('web').Spec.UpdateConfig).toMatchObject({ Parallelism: 1 });
  expect(await sendBack((spec) => ({ ...spec, TaskTemplate: { ...spec.TaskTemplate, ForceUpdate: 1 } }))).toBe(2);
});
