import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { waitFor } from '#lib/common';
import { containerIdOf, type AssignmentChange, type ContainerSpec, type Task } from '#lib/domain';
import { Reconciler } from '../reconciler/reconciler.js';
import { TestAgent } from '../testing/test-agent.js';
import { World } from '../world/world.js';
import { SwarmTasks } from './swarm-tasks.js';
import { TaskReporter } from './task-reporter.js';

let agent: TestAgent;
let tasks: SwarmTasks;

beforeAll(async () => {
  agent = await TestAgent.open();
  tasks = agent.application.app.get(SwarmTasks);
});
afterAll(() => agent.close());

const assigned = (id: string, spec: Partial<ContainerSpec> = {}): AssignmentChange => {
  const value: Task = {
    id,
    createdAt: '',
    updatedAt: '',
    serviceId: 's1',
    serviceName: 'web',
    slot: 1,
    nodeId: 'n1',
    spec: { ContainerSpec: { Image: 'demo', ...spec } },
    specVersion: 1,
    desired: 'running',
    status: { state: 'assigned', at: '', message: '' },
    attachments: [],
    ports: [],
  };
  return { op: 'put', kind: 'task', id, value };
};
const row = (id: string) => agent.store.get('container', containerIdOf(id))?.value;
const status = (id: string) => agent.store.get('status', containerIdOf(id))?.value;
const seen = (id: string) => agent.application.app.get(World).container(containerIdOf(id));
const started = (id: string) =>
  waitFor(() => seen(id)?.state === 'running', { ms: 10_000, what: `the container of ${id} runs` });

const SECOND = 1_000_000_000;

const SECRET = { SecretID: 'key-id', SecretName: 'key', File: { Name: 'key' } };
const given = (kind: 'secret' | 'config', id: string): AssignmentChange => ({
  op: 'put',
  kind,
  id,
  value: { id, data: Buffer.from('content').toString('base64') },
});
/** what the manager is told of a task */
const told = (id: string) => {
  const reporter = agent.application.app.get(TaskReporter);
  reporter.disconnected();
  reporter.connected();
  return JSON.parse(reporter.next()!.tasks.find(({ taskId }) => taskId === id)!.status) as Task['status'];
};

describe('what a task is given', { timeout: 15_000 }, () => {
  it.each([
    ['secret', { Secrets: [SECRET] }, 'secret key not found'],
    ['config', { Configs: [{ ConfigID: 'conf-id', ConfigName: 'conf' }] }, 'config conf not found'],
  ])('is there, or the task is rejected and says what it lacks: a %s', async (kind, spec, err) => {
    await tasks.apply(false, [assigned(`no-${kind}`, spec), assigned(`beside-${kind}`)]);
    expect(told(`no-${kind}`)).toMatchObject({ state: 'rejected', err });
    await started(`beside-${kind}`);
    expect(seen(`no-${kind}`)).toBeUndefined();
  });

  it('is all that its container needs to run', async () => {
    await tasks.apply(false, [given('secret', 'key-id'), assigned('complete', { Secrets: [SECRET] })]);
    await started('complete');
    expect(row('complete')?.files).toMatchObject([{ target: '/run/secrets/key' }]);
  });

  it('is forgotten when a new session does not name it any more', async () => {
    await tasks.apply(true, [given('secret', 'key-id')]);
    await tasks.apply(true, []);
    await tasks.apply(false, [assigned('later', { Secrets: [SECRET] })]);
    expect(told('later')).toMatchObject({ state: 'rejected', err: 'secret key not found' });
  });
});

it('a task with a sysctl of an interface that it does not have is rejected', async () => {
  const Sysctls = { 'net.ipv6.conf.eth7.accept_ra': '2' };
  await tasks.apply(false, [assigned('stray', { Sysctls })]);
  expect(told('stray')).toMatchObject({
    state: 'rejected',
    err: expect.stringContaining('the container has no interface eth7'),
  });
});

describe('what a task mounts', { timeout: 15_000 }, () => {
  const described = (Source: string, Options: Record<string, string>, Name = 'local') => ({
    Type: 'volume',
    Source,
    Target: '/data',
    VolumeOptions: { Labels: { tier: 'fast' }, DriverConfig: { Name, Options } },
  });

  it('is a volume as the service describes it, made once and before the container', async () => {
    const made: object[] = [];
    const { engine } = agent;
    const create = engine.createVolume.bind(engine);
    engine.createVolume = (volume) => (made.push(volume), create(volume));
    const Mounts = [described('of-{{.Task.Slot}}', { type: 'tmpfs', device: 'of-{{.Service.Name}}' })];
    await tasks.apply(false, [assigned('first', { Mounts })]);
    await started('first');
    await tasks.apply(false, [assigned('second', { Mounts })]);
    await started('second');
    const options = { type: 'tmpfs', device: 'of-web' };
    expect(made).toEqual([{ name: 'of-1', driver: 'local', options, labels: { tier: 'fast' } }]);
  });

  it('has a name of its own where the service gives none, and goes with its container', async () => {
    await tasks.apply(false, [assigned('nameless', { Mounts: [described('', {})] })]);
    await started('nameless');
    const [own = ''] = row('nameless')!.ownVolumes!;
    expect(await agent.engine.listVolumes()).toContain(own);
    await tasks.apply(false, [{ op: 'removed', kind: 'task', id: 'nameless' }]);
    await waitFor(() => row('nameless') === undefined, { ms: 10_000, what: 'the container is gone' });
    expect(await agent.engine.listVolumes()).not.toContain(own);
  });

  it.each([
    ['a driver that is not here', described('far', {}, 'nfs-plugin'), 'plugin "nfs-plugin" not found'],
    ['part of a volume', { Type: 'volume', Source: 'vol', Target: '/v', VolumeOptions: { Subpath: 'a' } }, 'Subpath'],
    ['a folder that is not there', { Type: 'bind', Source: '/no/such', Target: '/v' }, 'does not exist: /no/such'],
    ['no place in the container', { Type: 'volume', Source: 'v' }, '0.Target'],
  ])('is possible, or the task is rejected and says why: %s', async (what, mount, err) => {
    const id = what.replaceAll(' ', '-');
    await tasks.apply(false, [assigned(id, { Mounts: [mount] })]);
    await waitFor(() => status(id)?.finished, { ms: 10_000, what: `${id} is rejected` });
    expect(told(id)).toMatchObject({ state: 'rejected', err: expect.stringContaining(err) as string });
  });
});

describe('what the node itself gives to tasks', { timeout: 15_000 }, () => {
  it('is given once, also to those that come together', async () => {
    const published = (id: string) => {
      const { value, ...change } = assigned(id) as { value: Task } & AssignmentChange;
      return { ...change, value: { ...value, ports: [{ TargetPort: 80, PublishMode: 'host' }] } } as AssignmentChange;
    };
    await tasks.apply(false, [published('one'), published('two')]);
    const [one, two] = [row('one')!, row('two')!];
    expect(one.endpoints[0]!.ipv4).not.toBe(two.endpoints[0]!.ipv4);
    const [first, second] = [one.ports[0]!.hostPort, two.ports[0]!.hostPort];
    expect(first).toBeGreaterThanOrEqual(49_153);
    expect(second).not.toBe(first);
    await started('one');
    const chosen = { Protocol: 'tcp', TargetPort: 80, PublishedPort: first, PublishMode: 'host' };
    expect(told('one')).toMatchObject({ ports: [chosen] });
  });
});

describe('the health check of a task', { timeout: 15_000 }, () => {
  const Healthcheck = { Test: ['CMD', 'probe'], Interval: 60 * SECOND, Retries: 7 };

  beforeAll(async () => {
    agent.engine.addImage('checked', { defaults: { Healthcheck } });
    await tasks.apply(false, [
      assigned('image', { Image: 'checked' }),
      assigned('both', { Image: 'checked', Healthcheck: { Retries: 2 } }),
      assigned('service', { Healthcheck: { Test: ['CMD', 'own'], Interval: 60 * SECOND } }),
      assigned('off', { Image: 'checked', Healthcheck: { Test: ['NONE'] } }),
      assigned('neither'),
    ]);
  });

  it.each([
    ['image', { test: ['CMD', 'probe'], intervalMs: 60_000, retries: 7 }],
    ['both', { test: ['CMD', 'probe'], intervalMs: 60_000, retries: 2 }],
    ['service', { test: ['CMD', 'own'], intervalMs: 60_000, retries: 3 }],
  ])('is what service and image say together, and nothing is healthy before it has passed: %s', async (id, check) => {
    await started(id);
    expect(row(id)?.healthcheck).toMatchObject(check);
    expect(row(id)).not.toHaveProperty('askedHealthcheck');
    expect(status(id)?.health).toBe('starting');
  });

  it.each(['off', 'neither'])('is none where it is switched off, and where nobody has one: %s', async (id) => {
    await started(id);
    expect(row(id)?.healthcheck).toBeUndefined();
    expect(status(id)?.health).toBe('none');
  });
});

describe('a task that leaves', { timeout: 15_000 }, () => {
  const leaves = async (id: string, desired: Task['desired']) => {
    const { value } = assigned(id) as { value: Task };
    await tasks.apply(false, [{ op: 'put', kind: 'task', id, value: { ...value, desired } }]);
  };

  it('keeps its container for who asks why it ended, until it is not assigned any more', async () => {
    await tasks.apply(false, [assigned('replaced')]);
    await started('replaced');
    await leaves('replaced', 'shutdown');
    await waitFor(() => seen('replaced')?.state === 'exited', { ms: 10_000, what: 'its end' });
    expect(told('replaced')).toMatchObject({ state: 'shutdown' });
    expect(row('replaced')).toMatchObject({ target: 'stopped' });
    await tasks.apply(false, [{ op: 'removed', kind: 'task', id: 'replaced' }]);
    await waitFor(() => row('replaced') === undefined, { ms: 10_000, what: 'its container to go' });
  });

  it('has no longer to end what was begun where the clock is set back', async () => {
    const { value } = assigned('drained') as { value: Task };
    const traffic = { drainMs: 60_000, early: false };
    const drained: Task = { ...value, ports: [{ TargetPort: 80, PublishMode: 'host' }], traffic };
    const apply = (desired: Task['desired']) =>
      tasks.apply(false, [{ op: 'put', kind: 'task', id: 'drained', value: { ...drained, desired } }]);
    await apply('running');
    await started('drained');
    await apply('shutdown');
    expect(row('drained')!.drainUntil).toBeGreaterThan(Date.now() + 50_000);
    vi.useFakeTimers({ now: Date.now() - 7_200_000, toFake: ['Date'] });
    agent.application.app.get(Reconciler).poke();
    await waitFor(() => seen('drained')?.state === 'exited', { ms: 4_000, what: 'its end' });
  });
  afterEach(() => void vi.useRealTimers());

  it('with its service is gone when it has ended, and says so', async () => {
    await tasks.apply(false, [assigned('removed')]);
    await started('removed');
    await leaves('removed', 'remove');
    await waitFor(() => row('removed') === undefined, { ms: 10_000, what: 'its container to go' });
    expect(told('removed')).toMatchObject({ state: 'shutdown' });
    await leaves('removed', 'remove');
    expect(row('removed')).toBeUndefined();
  });
});

describe('a task whose state comes back from the manager', { timeout: 15_000 }, () => {
  const written = (id: string) => agent.store.get('assignment', `task ${id}`)?.value.value as Task;
  const is = async (id: string, change: Partial<Task>) => {
    const { value } = assigned(id) as { value: Task };
    await tasks.apply(false, [{ op: 'put', kind: 'task', id, value: { ...value, ...change } }]);
    return tasks.all().find((task) => task.id === id);
  };
  const running: Task['status'] = { state: 'running', at: '', message: 'started' };

  it('is in it by then, and nothing is written down for that', async () => {
    await tasks.apply(false, [assigned('goes-on')]);
    await started('goes-on');
    expect(await is('goes-on', { status: running, updatedAt: 'later' })).toMatchObject({ status: running });
    expect(written('goes-on').status.state).toBe('assigned');
  });

  it('is written down with whatever else has changed, and with an end', async () => {
    expect(await is('goes-on', { status: running, desired: 'shutdown' })).toMatchObject({ desired: 'shutdown' });
    expect(written('goes-on')).toMatchObject({ status: running, desired: 'shutdown' });
    const shutdown: Task['status'] = { state: 'shutdown', at: '', message: 'shutdown' };
    await is('goes-on', { status: shutdown, desired: 'shutdown' });
    expect(written('goes-on').status).toEqual(shutdown);
  });

  it('is as the manager says in a new session', async () => {
    await tasks.apply(false, [assigned('again')]);
    await is('again', { status: running });
    await tasks.apply(true, [assigned('again')]);
    expect(tasks.all().map(({ id, status: { state } }) => [id, state])).toEqual([['again', 'assigned']]);
  });
});
