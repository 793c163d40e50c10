import { beforeEach, describe, expect, it } from 'vitest';
import type { ClusterKey } from '../cluster/cluster-key.js';
import { assignedTo } from '../dispatcher/assigned-set.js';
import type { LogReading } from '../logs/log-reading.js';
import { LOOPS } from '../control-loops.js';
import { TestCluster } from '../testing/test-cluster.js';
import { ServicesController } from './services.controller.js';

/** What is sealed is legible, so that a test can say whose it is, and is not what it was. */
const key = { seal: (text: Buffer) => `sealed ${text.toString()}` } as ClusterKey;
const unseal = (sealed: string) => Buffer.from(sealed.replace('sealed ', ''));
const header = (credentials: object) => Buffer.from(JSON.stringify(credentials)).toString('base64url');
const of = (username: string) => header({ username, password: 'x' });

describe('registry credentials of a service', () => {
  let cluster: TestCluster;
  let services: ServicesController;

  beforeEach(() => {
    cluster = new TestCluster();
    services = new ServicesController(cluster.store(), key, {} as LogReading);
    cluster.node('one');
    cluster.node('two');
  });

  const spec = (Image: string) => ({
    Name: 'web',
    TaskTemplate: { ContainerSpec: { Image }, Placement: { Constraints: ['node.id==one'] } },
    Mode: { Replicated: { Replicas: 1 } },
  });
  const update = (Image: string, query: Record<string, string> = {}, auth?: string) => {
    const { version } = cluster.get('service', service().id)!;
    return services.update('web', { version: String(version), ...query }, auth, spec(Image));
  };
  const service = () => cluster.list('service')[0]!;
  /** whose credentials the service has */
  const user = () =>
    service().registryAuth && (JSON.parse(unseal(service().registryAuth!).toString()) as { username: string }).username;

  it('are kept sealed, and shown to nobody', async () => {
    await services.create(spec('a'), of('ann'));
    expect(service().registryAuth).toMatch(/^sealed .*"ann"/);
    expect(JSON.stringify([services.inspect('web'), services.list(undefined, undefined)])).not.toContain('ann');
  });

  it('go to the node that is to run a task of it, and no sooner or longer', async () => {
    await services.create(spec('a'), of('ann'));
    const told = (node: string) => [...assignedTo(node, cluster, unseal, unseal).values()];
    const credentials = (node: string) => told(node).filter(({ kind }) => kind === 'registryAuth');
    expect([credentials('one'), credentials('two')]).toEqual([[], []]);
    cluster.settle(LOOPS);
    const [given] = credentials('one');
    const { data } = JSON.parse(given!.value) as { data: string };
    expect(JSON.parse(Buffer.from(data, 'base64').toString())).toEqual({ username: 'ann', password: 'x' });
    expect(credentials('two')).toEqual([]);
    const others = told('one').filter((each) => each !== given);
    expect(others.map(({ kind }) => kind)).toContain('task');
    expect(JSON.stringify(others)).not.toContain('ann');
    cluster.report(cluster.tasks('web'), 'failed');
    expect(credentials('one')).toEqual([]);
  });

  it('stay with an update that has none, and replace no task', async () => {
    await services.create(spec('a'), of('ann'));
    await update('b');
    expect([user(), service().specVersion]).toEqual(['ann', 2]);
    await update('b', {}, of('bob'));
    expect([user(), service().specVersion]).toEqual(['bob', 2]);
    await update('b', {}, header({}));
    expect(user()).toBeUndefined();
  });

  it('are those of the spec before where that is asked for', async () => {
    await services.create(spec('a'), of('ann'));
    await update('b', {}, of('bob'));
    await update('a', { registryAuthFrom: 'previous-spec' });
    expect(user()).toBe('ann');
    await update('a', { registryAuthFrom: 'spec' });
    expect(user()).toBe('ann');
    await expect(update('a', { registryAuthFrom: 'nobody' })).rejects.toThrow('unsupported registryAuthFrom value');
  });

  it('go back with a rollback, asked for or after failures', async () => {
    await services.create({ ...spec('a'), UpdateConfig: { FailureAction: 'rollback' } }, of('ann'));
    cluster.settle(LOOPS);
    cluster.work();
    await update('b', {}, of('bob'));
    await update('b', { rollback: 'previous' });
    expect([user(), service().spec.TaskTemplate.ContainerSpec!.Image]).toEqual(['ann', 'a']);

    cluster.put('service', { ...service(), updateStatus: undefined });
    const { version } = cluster.get('service', service().id)!;
    const next = { ...spec('c'), UpdateConfig: { FailureAction: 'rollback' } };
    await services.update('web', { version: String(version) }, of('cid'), next);
    expect(user()).toBe('cid');
    cluster.settle(LOOPS);
    cluster.report(
      cluster.tasks('web').filter((task) => task.spec.ContainerSpec!.Image === 'c'),
      'rejected',
    );
    cluster.settle(LOOPS);
    expect([user(), service().spec.TaskTemplate.ContainerSpec!.Image]).toEqual(['ann', 'a']);
  });

  it('are refused where they are none, without a word of them', async () => {
    await expect(services.create(spec('a'), 'hunter2')).rejects.toThrow(
      /^invalid X-Registry-Auth header: (?!.*hunter2)/,
    );
    expect(cluster.list('service')).toEqual([]);
  });
});
