import { availableParallelism } from 'node:os';
import request from 'supertest';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { invalid, waitFor } from '#lib/common';
import { TestAgent } from '../testing/test-agent.js';

let agent: TestAgent;
beforeEach(async () => void (agent = await TestAgent.open()));
afterEach(() => agent.close());

it('containers that are not wanted any more before their turn came are not made', async () => {
  const { engine, server, store } = agent;
  const places = 2 * availableParallelism();
  const containers = 4 * places;
  let asked = 0;
  let goOn = () => undefined as void;
  const held = new Promise<void>((resolve) => (goOn = resolve));
  const create = engine.create.bind(engine);
  engine.create = async (wanted) => {
    asked++;
    await held;
    return create(wanted);
  };
  const project = (verb: string, body: object) => request(server).post(`/skep/v1/projects/shop/${verb}`).send(body);
  const services = { web: { image: 'demo', network_mode: 'none', deploy: { replicas: containers } } };
  const up = project('up', { model: { name: 'shop', services } }).then(() => undefined);
  await waitFor(() => asked === places, { ms: 10_000, what: 'all places are taken' });
  const down = project('down', {}).then(() => undefined);
  const leaving = () => store.list('container').every(({ target }) => target === 'removed');
  await waitFor(leaving, { ms: 10_000, what: 'nobody wants the containers any more' });
  goOn();
  await Promise.all([up, down]);
  expect([asked, store.list('container')]).toEqual([places, []]);
});

it.each([
  ['a project', '/skep/v1/projects/shop/down'],
  ['a container', '/containers/shop-web-1'],
])('%s goes without a word of what was begun for it before and does not work', async (what, path) => {
  const { engine, server, store } = agent;
  let begun = false;
  let goOn = () => undefined as void;
  const held = new Promise<void>((resolve) => (goOn = resolve));
  engine.create = async () => {
    begun = true;
    await held;
    throw invalid('it does not work');
  };
  const services = { web: { image: 'demo', network_mode: 'none' } };
  const up = request(server)
    .post('/skep/v1/projects/shop/up')
    .send({ model: { name: 'shop', services } });
  const failing = up.then(() => undefined);
  await waitFor(() => begun, { ms: 10_000, what: 'the container is being made' });
  const going =
    what === 'a project' ? request(server).post(path).send({}) : request(server).delete(path).query('force=1');
  const gone = going.then(({ status, text }) => ({ status, text }));
  const leaving = () => store.list('container').every(({ target }) => target === 'removed');
  await waitFor(leaving, { ms: 10_000, what: 'nobody wants the container any more' });
  goOn();
  const { status, text } = await gone;
  await failing;
  expect(status).toBeLessThan(300);
  expect(text).not.toContain('it does not work');
  expect(store.list('container')).toEqual([]);
});
