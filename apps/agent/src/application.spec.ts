import type { Server } from 'node:http';
import request from 'supertest';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { invalid, SkepError, waitFor } from '#lib/common';
import type { ProgressEvent } from '#lib/contracts';
import type { FakeEngine } from '#lib/engine';
import type { Store } from '#lib/store';
import { TestAgent } from './testing/test-agent.js';

const model = {
  name: 'shop',
  services: {
    web: {
      image: 'demo',
      networks: { default: null },
      ports: [{ mode: 'ingress', target: 80, published: '8080', protocol: 'tcp' }],
    },
    job: {
      image: 'demo',
      networks: { default: null },
      depends_on: { web: { condition: 'service_started', required: true } },
    },
  },
  networks: { default: { name: 'shop_default' } },
};

describe('the node’s HTTP API', () => {
  let agent: TestAgent;
  let store: Store;
  let engine: FakeEngine;
  let server: Server;

  beforeEach(async () => {
    agent = await TestAgent.open();
    ({ store, engine, server } = agent);
  });

  afterEach(() => agent.close());

  const events = (text: string): ProgressEvent[] =>
    text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as ProgressEvent);

  const up = async (body: object = {}) => {
    const response = await request(server)
      .post('/skep/v1/projects/shop/up')
      .send({ model, ...body })
      .expect(200);
    return events(response.text);
  };

  it('answers a ping and says what it is', async () => {
    await request(server).get('/_ping').expect(200, 'OK').expect('Ostype', 'linux');
    const { body } = await request(server).get('/skep/v1/info').expect(200);
    expect(body).toMatchObject({ nodeId: store.ownerId, networks: 3, containers: 0, warnings: [] });
  });

  it('brings a project up, shows it, and takes it down without a trace', async () => {
    const told = await up();
    expect(told.at(-1)).toEqual({ type: 'result', ok: true });
    expect(told).toContainEqual(
      expect.objectContaining({ resource: 'container', name: 'shop-web-1', state: 'Started' }),
    );
    const { body: containers } = await request(server).get('/skep/v1/projects/shop/containers').expect(200);
    expect(containers).toMatchObject([
      { name: 'shop-job-1', state: 'running' },
      { name: 'shop-web-1', state: 'running', ports: [{ hostPort: 8080, containerPort: 80 }] },
    ]);
    await request(server).delete('/skep/v1/networks/shop_default').expect(403);
    const response = await request(server).post('/skep/v1/projects/shop/down').send({}).expect(200);
    expect(events(response.text).at(-1)).toEqual({ type: 'result', ok: true });
    expect(store.list('container')).toEqual([]);
    expect(store.list('network').map((network) => network.name)).toEqual(['host', 'none', 'nat']);
    await request(server).get('/skep/v1/projects/shop').expect(404);
  });

  it('shows the steps of a dry run in order and takes none', async () => {
    const told = await up({ dryRun: true });
    const plan = told.find((event) => event.type === 'plan');
    expect(plan?.steps.map((step) => step.kind)).toContain('container.start');
    expect(store.list('container')).toEqual([]);
    const start = plan?.steps.filter((step) => step.kind === 'container.start') ?? [];
    expect(start.find((step) => step.name === 'shop-job-1')?.after).toContain(
      start.find((step) => step.name === 'shop-web-1')?.id,
    );
  });

  it('says why a start failed, keeps the container for a look, and lets a second up succeed', async () => {
    engine.refuseStart('shop-web-1', invalid('exec: "nope": executable file not found in $PATH'));
    const told = await up();
    expect(told.at(-1)).toMatchObject({ type: 'result', ok: false, message: expect.stringContaining('not found') });
    const { body } = await request(server).get('/skep/v1/projects/shop/containers?all=1').expect(200);
    expect(body).toContainEqual(expect.objectContaining({ name: 'shop-web-1', state: 'created', exitCode: 127 }));
    expect((await up()).at(-1)).toEqual({ type: 'result', ok: true });
  });

  it('says what the engine refuses for now, and tries again by itself', async () => {
    engine.refuseStart('shop-web-1', new SkepError('exhausted', 'no space left on device'));
    const told = await up();
    expect(told.at(-1)).toMatchObject({ ok: false, message: expect.stringContaining('no space left') });
    const running = async () => {
      const { body } = await request(server).get('/skep/v1/projects/shop/containers').expect(200);
      return (body as unknown[]).length === 2;
    };
    await waitFor(running, { ms: 5000, what: 'both containers run' });
  });

  it('starts what was stopped when the project is brought up again', async () => {
    await up();
    const stopped = await request(server).post('/skep/v1/projects/shop/stop').send({}).expect(200);
    expect(events(stopped.text).at(-1)).toEqual({ type: 'result', ok: true });
    const { body: none } = await request(server).get('/skep/v1/projects/shop/containers').expect(200);
    expect(none).toEqual([]);
    expect((await up()).at(-1)).toEqual({ type: 'result', ok: true });
    const { body } = await request(server).get('/skep/v1/projects/shop/containers').expect(200);
    expect(body).toHaveLength(2);
  });

  it.each([
    ['a broken body', '{"model":', 400],
    ['no model', '{}', 400],
    ['the wrong name', JSON.stringify({ model: { ...model, name: 'other' } }), 400],
    ['a taken network', JSON.stringify({ model: { ...model, networks: { default: { name: 'nat' } } } }), 409],
    [
      'something that is not done here',
      JSON.stringify({ model: { ...model, services: { a: { image: 'demo', isolation: 'hyperv' } } } }),
      501,
    ],
  ])('refuses %s with a reason and changes nothing', async (_what, body, status) => {
    const { revision } = store;
    const response = await request(server)
      .post('/skep/v1/projects/shop/up')
      .set('Content-Type', 'application/json')
      .send(body)
      .expect(status);
    expect(response.body).toEqual({ message: expect.any(String), code: expect.any(String) });
    expect(store.revision).toBe(revision);
  });

  it('takes a tar where a tar is meant', async () => {
    const sent = request(server).post('/skep/v1/images/import?name=made').set('Content-Type', 'application/x-tar');
    await sent.send('a tar').expect(201);
  });

  it('refuses to remove the default network, and does not know others', async () => {
    const refused = await request(server).delete('/skep/v1/networks/nat').expect(403);
    expect(refused.body.message).toBe('nat is a pre-defined network and cannot be removed');
    await request(server)
      .get('/skep/v1/networks/nope')
      .expect(404, { message: 'network nope not found', code: 'not_found' });
    await request(server).get('/skep/v1/nothing').expect(404, { message: 'page not found', code: 'not_found' });
  });

  it('explains a look-up for a container, and refuses one for nobody', async () => {
    await up();
    const { body } = await request(server).get('/skep/v1/dns/lookup?name=web&from=shop-job-1').expect(200);
    expect(body).toMatchObject({ from: 'shop-job-1', rule: 'service name', answers: ['10.0.0.2'] });
    await request(server).get('/skep/v1/dns/lookup?name=web&from=nobody').expect(404);
    await request(server).get('/skep/v1/dns/lookup?name=web&from=shop-job-1&type=MX').expect(400);
  });
});
