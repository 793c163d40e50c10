import { EventEmitter } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { invalid, waitFor } from '#lib/common';
import type { LogMessage, LogStream } from '#lib/contracts';
import { containerIdOf, type Task } from '#lib/domain';
import { TestAgent } from '../testing/test-agent.js';
import { World } from '../world/world.js';
import { SwarmTasks } from './swarm-tasks.js';
import { TaskLogs } from './task-logs.js';

let agent: TestAgent;
const start = { now: () => undefined as void };

beforeAll(async () => {
  agent = await TestAgent.open();
});
afterAll(() => agent.close());
afterEach(() => start.now());

/** The engine makes containers, and starts them when it is told to. */
function holdStart(): void {
  const { engine } = agent;
  const asEver = engine.start.bind(engine);
  const released = new Promise<void>((resolve) => (start.now = resolve));
  engine.start = async (id) => {
    await released;
    engine.start = asEver;
    return asEver(id);
  };
}

async function assign(id: string, Args: string[]): Promise<void> {
  const value: Task = {
    id,
    createdAt: '',
    updatedAt: '',
    serviceId: 's1',
    serviceName: 'web',
    slot: 1,
    nodeId: 'n1',
    spec: { ContainerSpec: { Image: 'demo', Args } },
    specVersion: 1,
    desired: 'running',
    status: { state: 'assigned', at: '', message: '' },
    attachments: [],
    ports: [],
  };
  await agent.application.app.get(SwarmTasks).apply(false, [{ op: 'put', kind: 'task', id, value }]);
  const made = () => agent.application.app.get(World).container(containerIdOf(id));
  await waitFor(made, { ms: 10_000, what: `the container of ${id} is made` });
}

/** A manager that takes each piece at once. */
class Manager extends EventEmitter {
  text = '';
  errors: string[] = [];

  write({ data, error }: Partial<LogMessage>): void {
    if (error) this.errors.push(error);
    if (!data) return;
    this.text += Buffer.from(data).toString('latin1');
    this.emit('data', {});
  }

  end(): void {}
}

function read(id: string) {
  const manager = new Manager();
  const query = 'stdout=1&stderr=1&follow=1';
  const wanted = { subscription: 's', taskId: id, query };
  const over = agent.application.app.get(TaskLogs).publish(wanted, manager as unknown as LogStream);
  return { manager, over };
}

describe('the log of a task', { timeout: 15_000 }, () => {
  it('that is read before it starts is all that it wrote, however soon it ended', async () => {
    holdStart();
    await assign('short', ['echo', 'said and done']);
    const { manager, over } = read('short');
    await turn();
    start.now();
    await over;
    expect(manager).toMatchObject({ text: expect.stringContaining('said and done') as string, errors: [] });
  });

  it('is empty where its start was refused', async () => {
    agent.engine.refuseStart('web.1.refused', invalid('no such program'));
    await assign('refused', ['serve']);
    const { manager, over } = read('refused');
    await over;
    expect(manager).toMatchObject({ text: '', errors: [] });
  });
});
