import request from 'supertest';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { SkepError } from '#lib/common';
import type { ProgressEvent } from '#lib/contracts';
import { TestAgent } from '../testing/test-agent.js';

let agent: TestAgent;
beforeEach(async () => void (agent = await TestAgent.open()));
afterEach(() => agent.close());

const up = async (more: object = {}, web: object = {}): Promise<ProgressEvent[]> => {
  const services = { web: { image: 'demo', network_mode: 'none', ...web } };
  const { text } = await request(agent.server)
    .post('/skep/v1/projects/shop/up')
    .send({ model: { name: 'shop', services, networks: {} }, ...more })
    .expect(200);
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as ProgressEvent);
};
const container = () => agent.store.list('container').find(({ target }) => target === 'running')!.id;

it('a container is made anew when its image is another one by now, once, and not with --no-recreate', async () => {
  await up();
  const first = container();
  agent.engine.addImage('demo', { id: 'sha256:newer' });
  await up({ noRecreate: true });
  expect(container()).toBe(first);
  const planned = (await up({ dryRun: true })).find(({ type }) => type === 'plan');
  expect(JSON.stringify(planned)).toContain('container.create');
  expect(container()).toBe(first);
  await up();
  const second = container();
  expect(second).not.toBe(first);
  await up();
  expect(container()).toBe(second);
});

it('what a pull brought counts, and the same image brought again is none other', async () => {
  const always = { pull_policy: 'always' };
  agent.engine.registry.set('demo:latest', { id: 'sha256:pulled' });
  await up({}, always);
  const first = container();
  await up({}, always);
  expect(container()).toBe(first);
  agent.engine.registry.set('demo:latest', { id: 'sha256:newer' });
  await up({}, always);
  expect(container()).not.toBe(first);
});

it('the file decides about the pull, also where it said something else when the container was made', async () => {
  await up();
  const first = container();
  agent.engine.registry.set('demo:latest', { id: 'sha256:newer' });
  await up({}, { pull_policy: 'missing' });
  expect(container()).toBe(first);
  await up({}, { pull_policy: 'always' });
  const second = container();
  expect(second).not.toBe(first);
  agent.engine.registry.set('demo:latest', { id: 'sha256:newest' });
  await up();
  expect(container()).toBe(second);
});

it('an image that is gone is no reason to give up what runs', async () => {
  await up();
  const first = container();
  await agent.engine.untagImage('demo');
  await up({}, { pull_policy: 'never' });
  expect(container()).toBe(first);
});

it('one that has not been looked at since it was made is compared, too', async () => {
  agent.engine.refuseStart('shop-web-1', new SkepError('invalid', 'no such command'));
  await up();
  const first = container();
  agent.engine.addImage('demo', { id: 'sha256:newer' });
  await up();
  expect(container()).not.toBe(first);
});
