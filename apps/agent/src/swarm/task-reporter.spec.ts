import { expect, it } from 'vitest';
import { containerIdOf, type Container, type Network, type Task, type TaskStatus, type Tunnel } from '#lib/domain';
import type { Step } from '#lib/planner';
import type { Store } from '#lib/store';
import { ReconcilerBus } from '../reconciler/events.js';
import { Problems } from '../reconciler/problems.js';
import type { World } from '../world/world.js';
import type { SwarmTasks } from './swarm-tasks.js';
import { TaskReporter } from './task-reporter.js';

const networks: Record<string, Partial<Network>> = {
  open: { overlay: { vni: 1, local: '', port: 4789, peers: [] } },
  sealed: { overlay: { vni: 2, local: '', port: 4789, peers: [], encryption: {} as Tunnel } },
};

/** A task on that network, whose container is wanted and not there, and what is said of it after such failures. */
function reporting(network: string) {
  const status = { state: 'accepted', at: '', message: '' } as TaskStatus;
  const task = { id: 'task1', desired: 'running', status, attachments: [{ networkId: network, aliases: [] }] };
  const container = { id: containerIdOf('task1'), target: 'running' } as Container;
  const rows: Record<string, object | undefined> = { network: networks[network], container };
  const store = { get: (kind: string) => rows[kind] && { value: rows[kind] } } as unknown as Store;
  const tasks = { all: () => [task as unknown as Task] } as unknown as SwarmTasks;
  const bus = new ReconcilerBus();
  const reporter = new TaskReporter(
    store,
    tasks,
    { container: () => undefined } as unknown as World,
    new Problems(bus),
  );
  reporter.connected();
  const step = (id: string) => ({ id, kind: id.split(' ')[0] }) as Step;
  return {
    fails: (id: string, why: string) => bus.failed(step(id), new Error(why)),
    succeeds: (id: string) => bus.done(step(id)),
    said: () => {
      const report = reporter.next();
      if (report) reporter.acknowledged(report.number);
      return report && (JSON.parse(report.tasks[0]!.status) as TaskStatus).err;
    },
  };
}

it.each([
  ['open', `container.create ${containerIdOf('task1')}`],
  ['open', `container.start ${containerIdOf('task1')}`],
  ['open', 'network.ensure open'],
  ['sealed', 'tunnel.ensure node'],
])('on the network %s a task says why %s fails, for as long as it does', (network, step) => {
  const { fails, succeeds, said } = reporting(network);
  expect(said()).toBeUndefined();
  fails(step, 'the registry cannot be reached');
  expect(said()).toBe('the registry cannot be reached');
  succeeds(step);
  expect(said()).toBeUndefined();
});

it.each(['container.create another', 'network.ensure another', 'tunnel.ensure node'])(
  'a task says nothing of %s, which does not hold it up',
  (step) => {
    const { fails, said } = reporting('open');
    said();
    fails(step, 'the registry cannot be reached');
    expect(said()).toBeUndefined();
  },
);
