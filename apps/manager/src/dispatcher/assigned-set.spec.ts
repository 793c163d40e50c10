import { expect, it } from 'vitest';
import { LOOPS } from '../loops/loops.js';
import { orchestrator } from '../orchestrator/orchestrator.js';
import { TestCluster } from '../testing/test-cluster.js';
import { assignedTo } from './assigned-set.js';

const plain = (text: string) => Buffer.from(text);
const tasksFor = (node: string, cluster: TestCluster) =>
  [...assignedTo(node, cluster, plain, plain).values()].filter(({ kind }) => kind === 'task');

it("gives a node a global service's task when it has its addresses, and not before", () => {
  const cluster = new TestCluster();
  cluster.node('one');
  cluster.network('net');
  cluster.service('each', {
    Mode: { Global: {} },
    TaskTemplate: { ContainerSpec: { Image: 'demo' }, Networks: [{ Target: 'net-id' }] },
  });
  cluster.settle([orchestrator]);
  expect(cluster.tasks('each')).toMatchObject([{ nodeId: 'one', status: { state: 'new' } }]);
  expect(tasksFor('one', cluster)).toEqual([]);

  cluster.settle(LOOPS);
  expect(tasksFor('one', cluster).map(({ value }) => JSON.parse(value) as unknown)).toMatchObject([
    { attachments: [{ networkId: 'net-id' }], status: { state: 'assigned' } },
  ]);
});

it('tells a node of its own task that it has run and how it ended, and sends no other report back', () => {
  const cluster = new TestCluster();
  cluster.node('one');
  cluster.service('web', { Mode: { Replicated: { Replicas: 1 } } });
  cluster.settle(LOOPS);
  const told = () => tasksFor('one', cluster)[0]!.value;
  const assigned = told();
  for (const state of ['preparing', 'starting'] as const) {
    cluster.report(cluster.tasks('web'), state);
    expect(told(), state).toBe(assigned);
  }
  cluster.report(cluster.tasks('web'), 'running', { pid: 7 });
  expect(JSON.parse(told())).toMatchObject({ status: { state: 'running' } });
  cluster.report(cluster.tasks('web'), 'failed', { exitCode: 3 });
  expect(JSON.parse(told())).toMatchObject({ status: { state: 'failed', exitCode: 3 } });
});

it('opens the secrets and configs of its tasks for a node', () => {
  const cluster = new TestCluster();
  cluster.node('one');
  const row = (id: string) => ({ id, createdAt: '', updatedAt: '', spec: { Name: id, Data: `sealed ${id}` } });
  cluster.put('secret', row('key'));
  cluster.put('config', row('conf'));
  const Secrets = [{ SecretID: 'key', SecretName: 'key' }];
  const Configs = [{ ConfigID: 'conf', ConfigName: 'conf' }];
  cluster.service('web', { TaskTemplate: { ContainerSpec: { Image: 'demo', Secrets, Configs } } });
  cluster.settle(LOOPS);
  const unseal = (sealed: string) => Buffer.from(sealed.replace('sealed ', 'opened '));
  const files = [...assignedTo('one', cluster, unseal, plain).values()].filter(({ kind }) =>
    ['secret', 'config'].includes(kind),
  );
  const opened = (id: string) => ({ id, data: Buffer.from(`opened ${id}`).toString('base64') });
  expect(files.map(({ value }) => JSON.parse(value) as unknown)).toEqual([opened('key'), opened('conf')]);
});
