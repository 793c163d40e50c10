import request from 'supertest';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { TestAgent } from '../testing/test-agent.js';

let agent: TestAgent;
beforeEach(async () => void (agent = await TestAgent.open()));
afterEach(() => agent.close());

const up = async (status = 200): Promise<string> => {
  const services = { web: { image: 'demo', network_mode: 'none' } };
  const { text } = await request(agent.server)
    .post('/skep/v1/projects/shop/up')
    .send({ model: { name: 'shop', services, networks: {} } })
    .expect(status);
  return text;
};

it('an up waits for an engine that is back in a moment', async () => {
  agent.engine.away = true;
  setTimeout(() => (agent.engine.away = false), 300);
  expect(await up()).toContain('"ok":true');
  expect(agent.store.list('container').map(({ target }) => target)).toEqual(['running']);
});

it('an up is told of one that is not, and nothing is made', { timeout: 15_000 }, async () => {
  agent.engine.away = true;
  expect(await up(503)).toContain('look up image demo');
  expect(agent.store.list('container')).toEqual([]);
});
