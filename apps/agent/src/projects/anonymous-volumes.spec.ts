import request from 'supertest';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ProgressEvent } from '#lib/contracts';
import { stepId } from '#lib/planner';
import { TestAgent } from '../testing/test-agent.js';
import { World } from '../world/world.js';

let agent: TestAgent;
beforeEach(async () => {
  agent = await TestAgent.open();
  agent.engine.addImage('store', { defaults: { Volumes: { '/state': {} } } });
});
afterEach(() => agent.close());

const ask = async (what: 'up' | 'down', body: object) => {
  const { text } = await request(agent.server).post(`/skep/v1/projects/shop/${what}`).send(body).expect(200);
  const events = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as ProgressEvent);
  expect(events.at(-1)).toEqual({ type: 'result', ok: true });
  return events;
};

/** A service with the image's volume and one without a name, which is written `/cache/` to be met as `/cache`. */
const shop = (command: string, more: object = {}) => ({
  model: {
    name: 'shop',
    services: {
      db: {
        image: 'store',
        network_mode: 'none',
        command: [command],
        volumes: [{ type: 'volume', target: '/cache/' }],
      },
    },
    networks: {},
  },
  ...more,
});

const containers = () => agent.store.list('container').filter(({ target }) => target === 'running');
const mounts = (number = 1) => {
  const { id } = containers().find((each) => each.number === number)!;
  const seen = agent.application.app.get(World).container(id)!.mounts;
  return Object.fromEntries(seen.map(({ destination, name }) => [destination.replace(/\/$/, ''), name]));
};
const volumes = async () => (await agent.engine.listVolumes()).sort();

it('a container that is made anew has the anonymous volumes of its predecessor, again and again', async () => {
  await ask('up', shop('one'));
  const first = mounts();
  expect(Object.keys(first).sort()).toEqual(['/cache', '/state']);
  for (const command of ['two', 'three']) {
    await ask('up', shop(command));
    expect(mounts()).toEqual(first);
    expect(await volumes()).toEqual(Object.values(first).sort());
    const [{ id } = { id: '' }] = containers();
    await ask('up', shop(command));
    expect(containers().map((each) => each.id)).toEqual([id]);
  }
});

it('they are written by one container at a time, also where the new one has another name', async () => {
  await ask('up', shop('one'));
  const first = mounts();
  const [old] = containers();
  const named = shop('one');
  Object.assign(named.model.services.db, { container_name: 'database' });
  const [plan] = (await ask('up', { ...named, dryRun: true })).filter((event) => event.type === 'plan');
  expect(plan?.steps).toContainEqual(
    expect.objectContaining({
      kind: 'container.start',
      name: 'database',
      after: expect.arrayContaining([stepId('container.remove', old!.id)]) as unknown,
    }),
  );
  await ask('up', named);
  expect(containers()).toMatchObject([{ name: 'database' }]);
  expect(mounts()).toEqual(first);
});

it('what its row says is enough where the engine has not made it yet', async () => {
  await ask('up', shop('one'));
  const first = mounts();
  await ask('up', shop('two'));
  const [{ id } = { id: '' }] = containers();
  const world = agent.application.app.get(World);
  await agent.engine.remove(world.container(id)!.engineId, { keepVolumes: true });
  world.forget(id);
  await ask('up', shop('three'));
  expect(mounts()).toEqual(first);
});

it('down leaves them, unless it is asked to remove volumes', async () => {
  await ask('up', shop('one'));
  await ask('up', shop('two'));
  const left = await volumes();
  await ask('down', {});
  expect(await volumes()).toEqual(left);
  await ask('up', shop('two'));
  await ask('up', shop('three'));
  expect(await volumes()).toHaveLength(4);
  await ask('down', { volumes: true });
  expect(await volumes()).toEqual(left);
});

it('those of a replica that is too many stay, and new ones come where that is asked for', async () => {
  await ask('up', shop('one', { scale: { db: 2 } }));
  const [first, second] = [mounts(1), mounts(2)];
  await ask('up', shop('two', { renewAnonVolumes: true }));
  expect(Object.values(mounts()).filter((name) => Object.values(first).includes(name))).toEqual([]);
  expect(await volumes()).toEqual(expect.arrayContaining([...Object.values(first), ...Object.values(second)]));
});

it('a volume that the file names by now comes in the place of one without a name', async () => {
  await ask('up', shop('one'));
  const { model } = shop('one');
  const volume = { type: 'volume', source: 'data', target: '/state' };
  const named = { ...model, services: { db: { ...model.services.db, volumes: [volume] } } };
  await ask('up', { model: { ...named, volumes: { data: { name: 'data' } } } });
  expect(mounts()).toEqual({ '/state': 'data' });
});

it('docker rm takes them with the container where it is asked to', async () => {
  await ask('up', shop('one'));
  await ask('up', shop('two'));
  const left = await volumes();
  const remove = (query: string) => request(agent.server).delete(`/containers/shop-db-1?force=1${query}`).expect(204);
  await remove('');
  expect(await volumes()).toEqual(left);
  await ask('up', shop('two'));
  await ask('up', shop('three'));
  await remove('&v=1');
  expect(await volumes()).toEqual(left);
});
