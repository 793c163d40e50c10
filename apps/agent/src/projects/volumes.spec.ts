import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import request from 'supertest';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ProgressEvent } from '#lib/contracts';
import { ReconcilerBus } from '../reconciler/events.js';
import { TestAgent } from '../testing/test-agent.js';
import { World } from '../world/world.js';

let agent: TestAgent;
beforeEach(async () => void (agent = await TestAgent.open()));
afterEach(() => agent.close());

const ask = async (what: 'up' | 'down', body: object): Promise<ProgressEvent[]> => {
  const { text } = await request(agent.server).post(`/skep/v1/projects/shop/${what}`).send(body).expect(200);
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as ProgressEvent);
};

const mounting = (volume: object) => ({
  model: {
    name: 'shop',
    services: {
      web: { image: 'demo', network_mode: 'none', volumes: [{ type: 'volume', source: 'data', target: '/data' }] },
    },
    networks: {},
    volumes: { data: volume },
  },
});

const byOthers = { name: 'data', driver: 'local', options: {}, labels: {} };

it('an external volume is found that somebody else made in the engine', async () => {
  const external = mounting({ name: 'data', external: true });
  const missing = await request(agent.server).post('/skep/v1/projects/shop/up').send(external).expect(404);
  expect(missing.body).toMatchObject({ message: 'volume data declared as external, but could not be found' });
  await agent.engine.createVolume(byOthers);
  expect((await ask('up', external)).at(-1)).toEqual({ type: 'result', ok: true });
  expect(agent.store.list('volume')).toEqual([]);
});

it('a volume of the project that is there already is used as it is, told of once, and not made', async () => {
  await agent.engine.createVolume(byOthers);
  const world = agent.application.app.get(World);
  await world.refresh();
  const started: string[] = [];
  agent.application.app.get(ReconcilerBus).subscribe({ started: ({ kind }) => started.push(kind) });
  const first = await ask('up', mounting({ name: 'data' }));
  expect(first.at(-1)).toEqual({ type: 'result', ok: true });
  expect(first).toContainEqual({
    type: 'warning',
    message:
      'volume data exists, but was not made by project shop: it is used as it is, and down --volumes removes it; ' +
      'declare it as external to keep it',
  });
  await world.refresh();
  const again = await ask('up', mounting({ name: 'data' }));
  expect(again.filter(({ type }) => type === 'warning')).toEqual([]);
  expect(started).toContain('container.start');
  expect(started).not.toContain('volume.create');
});

it('one that cannot be made fails up with the reason, holds up no other project, and is given up by down', async () => {
  const told = await ask('up', mounting({ name: 'data', driver: 'nowhere' }));
  const message = expect.stringContaining('create volume data: looking up volume plugin nowhere') as string;
  expect(told).toContainEqual(expect.objectContaining({ resource: 'volume', name: 'data', state: 'Error', message }));
  expect(told.at(-1)).toMatchObject({ type: 'result', ok: false, message });
  const other = { name: 'other', services: { web: { image: 'demo', network_mode: 'none' } }, networks: {} };
  const { text } = await request(agent.server).post('/skep/v1/projects/other/up').send({ model: other }).expect(200);
  expect(text).toContain('{"type":"result","ok":true}');
  expect((await ask('down', {})).at(-1)).toEqual({ type: 'result', ok: true });
  expect(agent.store.list('volume')).toEqual([]);
});

it('one that was made stays over down', async () => {
  await ask('up', mounting({ name: 'data' }));
  await ask('down', {});
  expect(agent.store.list('volume')).toMatchObject([{ name: 'data', target: 'present' }]);
  expect(await agent.engine.listVolumes()).toEqual(['data']);
});

it('what is mounted and not made has to be there, or nothing is done', async () => {
  const using = (service: object, secrets: object = {}) => ({
    model: {
      name: 'shop',
      networks: {},
      volumes: {},
      secrets,
      services: { web: { image: 'demo', network_mode: 'none', ...service } },
    },
  });
  const secret = using(
    { secrets: [{ source: 'key', target: '/run/secrets/key' }] },
    { key: { name: 'shop_key', file: '/no/such/key.txt' } },
  );
  const bind = { type: 'bind', source: '/no/such/folder', target: '/x', bind: { create_host_path: false } };
  for (const [body, path] of [
    [secret, '/no/such/key.txt'],
    [using({ volumes: [bind] }), '/no/such/folder'],
  ] as const) {
    const refused = await request(agent.server).post('/skep/v1/projects/shop/up').send(body).expect(400);
    expect(refused.body).toMatchObject({
      message: `services.web: invalid mount config for type "bind": bind source path does not exist: ${path}`,
    });
    expect(agent.store.list('container')).toEqual([]);
  }
});

it('there may be nothing to take down', async () => {
  expect(await ask('down', {})).toMatchObject([
    { type: 'warning', message: 'no resource found to remove for project shop' },
    { type: 'result', ok: true },
  ]);
});

it('what is not to run needs nothing that it mounted', async () => {
  const file = join(agent.folder, 'key.txt');
  writeFileSync(file, 'secret');
  const web = { image: 'demo', network_mode: 'none', secrets: [{ source: 'key', target: '/run/secrets/key' }] };
  const secrets = { key: { name: 'shop_key', file } };
  const model = { name: 'shop', networks: {}, volumes: {}, secrets, services: { web } };
  expect((await ask('up', { model })).at(-1)).toEqual({ type: 'result', ok: true });
  rmSync(file);
  expect((await ask('up', { model, scale: { web: 0 } })).at(-1)).toEqual({ type: 'result', ok: true });
});
