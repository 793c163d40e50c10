import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import request from 'supertest';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { TestAgent } from '../../testing/test-agent.js';
import { anonymousName } from '../../volumes/volume-json.js';
import { World } from '../../world/world.js';

let agent: TestAgent;
let engine: Server;
beforeEach(async () => {
  agent = await TestAgent.open();
  engine = volumesOf(agent.engine).listen(join(agent.folder, 'engine.sock'));
  await once(engine, 'listening');
  Object.assign(agent.engine, { socketPath: engine.address() });
});
afterEach(async () => {
  engine.close();
  await agent.close();
});

/** What an engine answers about its volumes; all count as such that none of its containers has. */
function volumesOf(fake: TestAgent['engine']): Server {
  const volume = (Name: string) => ({ Name, Driver: 'local', Mountpoint: `/volumes/${Name}`, Scope: 'local' });
  const answerTo = async (method: string, path: string): Promise<[status: number, body: object]> => {
    const volumes = (await fake.listVolumes()).map(volume);
    const name = /\/volumes\/([^?]+)/.exec(path)?.[1];
    if (name === undefined) return [200, { Volumes: volumes }];
    const known = volumes.find(({ Name }) => Name === name);
    if (!known) return [404, { message: `get ${name}: no such volume` }];
    if (method === 'DELETE') await fake.removeVolume(name);
    return [200, known];
  };
  return createServer((asked, answer) => {
    void answerTo(asked.method ?? '', asked.url ?? '').then(([status, body]) =>
      answer.writeHead(status).end(JSON.stringify(body)),
    );
  });
}

const up = async (command: string, healthy: boolean) => {
  const common = { image: 'demo', network_mode: 'none', command: [command] };
  const healthcheck = { test: ['CMD', String(healthy)], interval: '10ms', retries: 1 };
  const web = {
    ...common,
    volumes: [{ type: 'volume', target: '/data' }],
    depends_on: { db: { condition: 'service_healthy', required: true } },
  };
  const model = { name: 'shop', services: { db: { ...common, healthcheck }, web }, networks: {} };
  const { text } = await request(agent.server).post('/skep/v1/projects/shop/up').send({ model }).expect(200);
  return text.trim().split('\n').at(-1);
};

it('a volume that waits for the container that inherits it is in use', async () => {
  expect(await up('one', true)).toBe('{"type":"result","ok":true}');
  const [inherited = ''] = await agent.engine.listVolumes();
  expect(await up('two', false)).toContain('shop-db-1 is unhealthy');
  const { id } = agent.store.list('container').find(({ service }) => service === 'web')!;
  expect(agent.application.app.get(World).container(id)).toBeUndefined();

  const free = anonymousName();
  await agent.engine.createVolume({ name: free, driver: 'local', options: {}, labels: {} });
  const pruned = await request(agent.server).post('/volumes/prune').expect(200);
  expect(pruned.body).toMatchObject({ VolumesDeleted: [free] });
  const refused = await request(agent.server).delete(`/volumes/${inherited}`).expect(409);
  expect(refused.body).toMatchObject({ message: `remove ${inherited}: volume is in use - [${id}]` });
  expect(await agent.engine.listVolumes()).toEqual([inherited]);
});

it('named volumes are pruned with `all`, and always before API 1.42', async () => {
  const make = (name: string) => agent.engine.createVolume({ name, driver: 'local', options: {}, labels: {} });
  const prune = async (path: string) => (await request(agent.server).post(path).expect(200)).body.VolumesDeleted;
  await make('data');
  expect(await prune('/v1.42/volumes/prune')).toEqual([]);
  expect(await prune(`/v1.42/volumes/prune?filters=${encodeURIComponent('{"all":["1"]}')}`)).toEqual(['data']);
  await make('data');
  expect(await prune('/v1.41/volumes/prune')).toEqual(['data']);
});
