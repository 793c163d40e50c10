import { describe, expect, it } from 'vitest';
import type { Task, TaskState } from '#lib/domain';
import { taskJson } from '../control-api/service-json.js';
import { newTask } from '../orchestrator/new-task.js';
import { START, TestCluster } from '../testing/test-cluster.js';
import { assignedTo, difference } from './assigned-set.js';
import { afterReport } from './reports.js';

const said = (state: string, more: object = {}) => JSON.stringify({ state, at: '', message: state, ...more });
const NOW = new Date(START).toISOString();

function oneTask(state: TaskState = 'assigned'): { cluster: TestCluster; task: Task } {
  const cluster = new TestCluster();
  cluster.node('a');
  cluster.node('b');
  const fresh = newTask(cluster.service('web'), { slot: 1 }, START);
  const task = { ...fresh, nodeId: 'a', status: { ...fresh.status, state } };
  cluster.put('task', task);
  return { cluster, task };
}

describe('a report', () => {
  it.each([
    ['goes forward', 'starting', 'running', 1],
    ['does not go back', 'running', 'starting', 0],
    ['does not come back from its end', 'failed', 'running', 0],
    ['says nothing new', 'running', 'running', 0],
  ] as const)('%s: %s → %s', (_what, from, to, changes) => {
    const { cluster, task } = oneTask(from);
    if (changes === 0 && from === to) cluster.report([task], from);
    expect(afterReport('a', [{ taskId: task.id, status: said(to) }], cluster, NOW)).toHaveLength(changes);
  });

  it.each(['2020-01-01T00:00:00.000Z', '2100-01-01T00:00:00.000Z', '', 'soon', null])(
    'is of the moment at which it came, whatever the clock of its node says: %j',
    (at) => {
      const { cluster, task } = oneTask();
      cluster.apply(afterReport('a', [{ taskId: task.id, status: said('running', { at }) }], cluster, NOW));
      expect(cluster.get('task', task.id)!.value.status).toEqual({ state: 'running', at: NOW, message: 'running' });
      // What is repeated is of the moment at which it came first.
      const again = [{ taskId: task.id, status: said('running', { at }) }];
      expect(afterReport('a', again, cluster, new Date(START + 1_000).toISOString())).toEqual([]);
    },
  );

  it('is kept as far as it is known, and passed over where the state is not', () => {
    const { cluster, task } = oneTask();
    const more = { containerId: 'c'.repeat(64), pid: 7, exitCode: 3, err: 'task: non-zero exit (3)' };
    const reports = [
      { taskId: task.id, status: said('failed', { ...more, newer: 1 }) },
      { taskId: task.id, status: said('elsewhere') },
    ];
    expect(afterReport('a', reports, cluster, NOW)).toMatchObject([
      { value: { status: { state: 'failed', message: 'failed', at: NOW, ...more } } },
    ]);
    cluster.apply(afterReport('a', reports, cluster, NOW));
    expect(cluster.get('task', task.id)!.value.status).not.toHaveProperty('newer');
  });

  it.each([
    ['state', { state: 1 }],
    ['message', { message: ['a'] }],
    ['err', { err: {} }],
    ['pid', { pid: '7' }],
    ['exitCode', { exitCode: 0.5 }],
    ['unhealthy', { unhealthy: 'very' }],
    ['ports.0.PublishedPort', { ports: [{ Protocol: 'tcp', TargetPort: 80, PublishedPort: 0, PublishMode: 'host' }] }],
    ['', null],
    ['', 'running'],
  ])('is refused where it is wrong in %j', (field, wrong) => {
    const { cluster, task } = oneTask();
    const status = typeof wrong === 'object' && wrong ? said('running', wrong) : JSON.stringify(wrong);
    const report = () => afterReport('a', [{ taskId: task.id, status }], cluster, NOW);
    expect(report).toThrow(`report on task ${task.id}: ${field}: `);
  });

  it('says which ports its node has chosen, and clients are shown these', () => {
    const { cluster, task } = oneTask('running');
    cluster.put('task', { ...task, ports: [{ TargetPort: 80, PublishMode: 'host' }] });
    const ports = [{ Protocol: 'tcp', TargetPort: 80, PublishedPort: 50_123, PublishMode: 'host' }];
    const shown = () => taskJson(cluster.get('task', task.id)!, cluster).Status.PortStatus;
    expect(shown()).toEqual({});
    cluster.apply(afterReport('a', [{ taskId: task.id, status: said('running', { ports }) }], cluster, NOW));
    expect(shown()).toEqual({ Ports: ports });
  });

  it('tells when the task ran first, which later ones do not change', () => {
    const { cluster, task } = oneTask();
    const report = (state: TaskState, at: string) => {
      const status = JSON.stringify({ state, at: 'by the node', message: at });
      cluster.apply(afterReport('a', [{ taskId: task.id, status }], cluster, at));
      return cluster.get('task', task.id)?.value.runningSince;
    };
    expect(report('starting', 'early')).toBeUndefined();
    expect(report('running', 'first')).toBe('first');
    expect([report('running', 'later'), report('failed', 'last')]).toEqual(['first', 'first']);
  });

  it('of another node is not believed', () => {
    const { cluster, task } = oneTask();
    expect(afterReport('b', [{ taskId: task.id, status: said('running') }], cluster, NOW)).toEqual([]);
  });
});

describe('what is assigned', () => {
  it('to a node is its own tasks, and what they need, and nothing else', () => {
    const { cluster, task } = oneTask();
    cluster.put('secret', { id: 's', createdAt: '', updatedAt: '', spec: { Name: 's', Data: 'sealed' } });
    const use = { SecretID: 's', SecretName: 's' };
    cluster.put('task', { ...task, spec: { ContainerSpec: { Image: 'demo', Secrets: [use] } } });
    const open = (text: string) => Buffer.from(`open ${text}`);
    const kinds = (node: string) =>
      [...assignedTo(node, cluster, open, open).values()].map(({ kind, id }) => `${kind} ${id}`);
    expect(kinds('a')).toEqual([`task ${task.id}`, 'secret s']);
    expect(kinds('b')).toEqual([]);
  });

  it('is sent as differences', () => {
    const { cluster, task } = oneTask();
    const open = (text: string) => Buffer.from(text);
    const before = assignedTo('a', cluster, open, open);
    expect(difference(before, assignedTo('a', cluster, open, open))).toEqual([]);
    cluster.report([task], 'running');
    expect(difference(before, assignedTo('a', cluster, open, open))).toMatchObject([
      { op: 'put', kind: 'task', id: task.id },
    ]);
    cluster.apply([{ op: 'delete', kind: 'task', id: task.id }]);
    expect(difference(before, assignedTo('a', cluster, open, open))).toEqual([
      { op: 'removed', kind: 'task', id: task.id },
    ]);
  });
});
