import { beforeEach, describe, expect, it } from 'vitest';
import type { ClusterKey } from '../cluster/cluster-key.js';
import type { LogReading } from '../logs/log-reading.js';
import { TestCluster } from '../testing/test-cluster.js';
import { ServicesController } from './services.controller.js';

describe('a rollback that somebody asks for', () => {
  let cluster: TestCluster;
  let services: ServicesController;
  const Secrets = [{ SecretID: 's1', SecretName: 'key', File: { Name: 'key' } }];
  const Configs = [{ ConfigID: 'c1', ConfigName: 'conf', File: { Name: '/conf' } }];
  const spec = (container: object, Networks: object[] = []) => ({
    Name: 'web',
    TaskTemplate: { ContainerSpec: { Image: 'demo', ...container }, Networks },
  });
  const update = (query: Record<string, string>, body: object) => {
    const { id } = cluster.list('service')[0]!;
    return services.update('web', { version: String(cluster.get('service', id)!.version), ...query }, undefined, body);
  };

  beforeEach(() => {
    cluster = new TestCluster();
    services = new ServicesController(cluster.store(), {} as ClusterKey, {} as LogReading);
    const object = (id: string, Name: string) => ({ id, createdAt: '', updatedAt: '', spec: { Name, Data: 'eA==' } });
    cluster.put('secret', object('s1', 'key'));
    cluster.put('config', object('c1', 'conf'));
    cluster.network('near');
  });

  it.each([
    ['secret', 's1', { Secrets }, [], 'secret not found: key'],
    ['config', 'c1', { Configs }, [], 'config not found: conf'],
    ['network', 'near-id', {}, [{ Target: 'near' }], 'network near-id not found'],
  ] as const)('is refused as an update is when a %s is gone', async (kind, id, container, networks, message) => {
    const first = spec(container, [...networks]);
    await services.create(first, undefined);
    await update({}, spec({}));
    cluster.apply([{ op: 'delete', kind, id }]);
    await expect(update({ rollback: 'previous' }, spec({}))).rejects.toMatchObject({ code: 'not_found', message });
    expect(cluster.list('service')[0]!.updateStatus).toBeUndefined();
  });

  it('goes back to a spec that has all that it uses', async () => {
    await services.create(spec({ Secrets, Configs }, [{ Target: 'near' }]), undefined);
    await update({}, spec({}));
    await update({ rollback: 'previous' }, spec({}));
    expect(cluster.list('service')[0]!.spec.TaskTemplate.ContainerSpec).toMatchObject({ Secrets, Configs });
  });
});
