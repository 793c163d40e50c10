import { expect, it } from 'vitest';
import { taskName } from '#lib/domain';
import { LOOPS } from '../control-loops.js';
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

it('puts a node on the ingress network unless that cuts it off: one that came to be so stays while it runs tasks there', () => {
  const cluster = new TestCluster();
  const one = cluster.node('one');
  cluster.ingress();
  cluster.settle(LOOPS);
  const { id } = cluster.list('network')[0]!;
  const reaching = { ...one.description!, prefixes: [{ cidr: '10.0.0.0/16', by: 'link eth0' }] };
  cluster.node('early', { description: undefined, status: { state: 'unknown', addr: '' } });
  cluster.node('late', { description: reaching });
  cluster.service('web', {
    Mode: { Replicated: { Replicas: 1 } },
    EndpointSpec: { Ports: [{ TargetPort: 80, PublishedPort: 8080 }] },
  });
  cluster.settle(LOOPS);
  cluster.node('early', { description: reaching });
  cluster.settle(LOOPS);
  const isOn = (node: string) => assignedTo(node, cluster, plain, plain).has(`network ${id}`);
  const nodes = ['one', 'early', 'late'];
  expect(nodes.map((node) => cluster.get('node', node)!.value.addresses?.[id] !== undefined)).toEqual([
    true,
    false,
    false,
  ]);
  expect(nodes.map(isOn)).toEqual([true, false, false]);

  cluster.node('one', { ...cluster.get('node', 'one')!.value, description: reaching });
  expect(isOn('one')).toBe(true);
  cluster.report(cluster.tasks('web'), 'shutdown');
  cluster.apply(cluster.tasks('web').map((task) => ({ op: 'delete', kind: 'task', id: task.id })));
  expect(isOn('one')).toBe(false);
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

it("tells a node what others' tasks are called: by their names, and by the host names that they were given", () => {
  const cluster = new TestCluster();
  cluster.node('one');
  cluster.node('two');
  cluster.network('net');
  const serve = (name: string, node: string, Hostname?: string) =>
    cluster.service(name, {
      Mode: { Replicated: { Replicas: 2 } },
      TaskTemplate: {
        ContainerSpec: { Image: 'demo', Hostname },
        Networks: [{ Target: 'net-id' }],
        Placement: { Constraints: [`node.hostname==${node}`] },
      },
    });
  serve('client', 'one');
  serve('plain', 'two');
  serve('rabbit', 'two', 'rabbit-{{.Task.Slot}}.{{.Node.Hostname}}');
  cluster.settle(LOOPS);
  const peers = [...assignedTo('one', cluster, plain, plain).values()].filter(({ kind }) => kind === 'peer');
  const names = peers.map(({ value }) => (JSON.parse(value) as { names: string[] }).names);
  const named = (service: string) => cluster.tasks(service).map((task) => taskName(task));
  expect(names.toSorted()).toEqual([
    ...named('plain')
      .map((name) => [name])
      .toSorted(),
    ...named('rabbit')
      .map((name) => [name, `rabbit-${name.split('.')[1]}.two`])
      .toSorted(),
  ]);
});

it('knows the labels of its service for a task, on its node and in the host name that other nodes are told', () => {
  const cluster = new TestCluster();
  for (const node of ['one', 'two']) cluster.node(node);
  cluster.network('net');
  cluster.service('web', {
    Labels: { tier: 'front' },
    Mode: { Global: {} },
    TaskTemplate: {
      ContainerSpec: { Image: 'demo', Hostname: '{{.Service.Labels.tier}}-{{.Node.Platform.OS}}-{{.Node.Hostname}}' },
      Networks: [{ Target: 'net-id' }],
    },
  });
  cluster.settle(LOOPS);
  const set = assignedTo('one', cluster, plain, plain);
  const named = (wanted: string) =>
    [...set.values()].filter(({ kind }) => kind === wanted).map(({ value }) => JSON.parse(value) as unknown);
  expect(named('task')).toMatchObject([{ serviceLabels: { tier: 'front' } }]);
  expect(named('peer')).toMatchObject([{ names: [expect.any(String), 'front-linux-two'] }]);
});
