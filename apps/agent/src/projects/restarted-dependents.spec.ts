import request from 'supertest';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { stepId } from '#lib/planner';
import { ReconcilerBus } from '../reconciler/events.js';
import { TestAgent } from '../testing/test-agent.js';
import { World } from '../world/world.js';

let agent: TestAgent;
beforeEach(async () => void (agent = await TestAgent.open()));
afterEach(() => agent.close());

const on = (service: string, restart: boolean) => ({
  depends_on: { [service]: { condition: 'service_started', required: true, restart } },
});

const up = async (round: string, more: object = {}) => {
  const common = { image: 'demo', network_mode: 'none' };
  const services = {
    db: { ...common, environment: { ROUND: round } },
    web: { ...common, ...on('db', true) },
    proxy: { ...common, ...on('web', true) },
    loose: { ...common, ...on('db', false) },
  };
  const body = { model: { name: 'shop', services, networks: {} }, ...more };
  const { text } = await request(agent.server).post('/skep/v1/projects/shop/up').send(body).expect(200);
  expect(text.trim().split('\n').at(-1)).toBe('{"type":"result","ok":true}');
};

const row = (service: string) =>
  agent.store.list('container').find((each) => each.service === service && each.target === 'running')!;
const run = (service: string) => {
  const { id } = row(service);
  const { state, startedAt } = agent.application.app.get(World).container(id)!;
  return { id, state, startedAt };
};

it('what depends on a replaced service with restart is stopped before it and started after it, and stays itself', async () => {
  await up('one');
  const before = { web: run('web'), proxy: run('proxy'), loose: run('loose') };
  const old = row('db').id;
  const done: string[] = [];
  agent.application.app.get(ReconcilerBus).subscribe({ done: ({ id }) => done.push(id) });
  await up('two');
  for (const service of ['web', 'proxy'] as const) {
    const after = run(service);
    expect(after).toMatchObject({ id: before[service].id, state: 'running' });
    expect(after.startedAt).not.toBe(before[service].startedAt);
    expect(agent.store.get('status', after.id)?.value).toMatchObject({ finished: false, restartCount: 0 });
  }
  expect(run('loose')).toEqual(before.loose);
  const order = [
    stepId('container.stop', before.proxy.id),
    stepId('container.stop', before.web.id),
    stepId('container.stop', old),
    stepId('container.start', row('db').id),
    stepId('container.start', before.web.id),
    stepId('container.start', before.proxy.id),
  ];
  expect(done.filter((id) => order.includes(id))).toEqual(order);
});

it('nothing begins another run where nothing is replaced, and what was restarted is not so again', async () => {
  await up('one');
  const first = run('web');
  await up('one');
  await up('two', { noRecreate: true });
  expect(run('web')).toEqual(first);
  await up('two');
  const second = run('web');
  await up('two');
  agent.engine.exit(agent.application.app.get(World).container(second.id)!.engineId, 3);
  await expect.poll(() => agent.store.get('status', second.id)?.value.finished).toBe(true);
  expect(run('web')).toMatchObject({ id: second.id, startedAt: second.startedAt, state: 'exited' });
});

it('one that is paused begins another run as well', async () => {
  await up('one');
  const first = run('web');
  await request(agent.server).post('/containers/shop-web-1/pause').expect(204);
  await up('two');
  expect(run('web')).toMatchObject({ id: first.id, state: 'running' });
  expect(run('web').startedAt).not.toBe(first.startedAt);
});

it('those that were not asked for are left alone', async () => {
  await up('one');
  const first = run('web');
  await up('two', { services: ['db'] });
  expect(run('web')).toEqual(first);
});
