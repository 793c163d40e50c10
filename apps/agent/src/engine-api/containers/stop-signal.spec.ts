import request from 'supertest';
import { afterEach, beforeEach, expect, describe, it } from 'vitest';
import { waitFor } from '#lib/common';
import { TestAgent } from '../../testing/test-agent.js';

describe('a stop that begins with a signal of its own', () => {
  let agent: TestAgent;
  let id: string;
  let engineId: string;

  beforeEach(async () => {
    agent = await TestAgent.open();
    const body = { Image: 'demo', Cmd: ['serve'], StopSignal: 'SIGTERM' };
    id = ((await post('create?name=web', body).expect(201)).body as { Id: string }).Id;
    await post('web/start').expect(204);
    ({ engineId } = (await agent.engine.list('io.skep.container'))[0]!);
  });
  afterEach(() => agent.close());

  const post = (path: string, body: object = {}) => request(agent.server).post(`/containers/${path}`).send(body);
  const state = async () =>
    ((await request(agent.server).get('/containers/web/json').expect(200)).body as { State: object }).State;
  const row = () => agent.store.get('container', id)!.value;
  const signals = () => agent.engine.signals.get(engineId) ?? [];

  it('is killed at the end of its grace, and its row says how it is stopped until it starts', async () => {
    const begun = Date.now();
    await post('web/stop?signal=SIGINT&t=1').expect(204);
    expect(Date.now() - begun).toBeGreaterThanOrEqual(950);
    expect(signals()).toEqual(['2']);
    expect(await state()).toMatchObject({ Status: 'exited', ExitCode: 137 });
    expect(row()).toMatchObject({ stopSignal: 2, stopWithinSeconds: 1 });
    await post('web/start').expect(204);
    expect(row()).not.toHaveProperty('stopSignal');
    await post('web/stop?signal=&t=0').expect(204);
    expect(signals()).toEqual(['2']);
  });

  it('is over as soon as the container ends, whose exit code is its own', async () => {
    const stopped = post('web/stop?signal=10&t=-1')
      .expect(204)
      .then(() => true);
    await waitFor(() => signals().length > 0, { ms: 5_000, what: 'the signal' });
    agent.engine.exit(engineId, 0);
    expect(await stopped).toBe(true);
    expect(signals()).toEqual(['10']);
    expect(await state()).toMatchObject({ Status: 'exited', ExitCode: 0 });
  });

  it('waits without end where the container has a StopTimeout below 0', async () => {
    const { Id } = (await post('create?name=patient', { Image: 'demo', Cmd: ['serve'], StopTimeout: -1 }).expect(201))
      .body as { Id: string };
    await post('patient/start').expect(204);
    const YEAR = 365 * 24 * 3600;
    expect(agent.store.get('container', Id)!.value.stopGraceSeconds).toBeGreaterThan(YEAR);
    const [seen] = await agent.engine.list(`io.skep.container=${Id}`);
    const stopped = post('patient/stop?signal=10')
      .expect(204)
      .then(() => true);
    await waitFor(() => agent.engine.signals.has(seen!.engineId), { ms: 5_000, what: 'the signal' });
    agent.engine.exit(seen!.engineId, 5);
    expect(await stopped).toBe(true);
    const { body } = await request(agent.server).get('/containers/patient/json').expect(200);
    expect(body).toMatchObject({ State: { ExitCode: 5 }, Config: { StopTimeout: -1 } });
  });

  it('is the first half of a restart, and not what a removal by force begins with', async () => {
    await post('web/restart?signal=usr1&t=0').expect(204);
    expect(signals()).toEqual(['10']);
    expect(await state()).toMatchObject({ Status: 'running' });
    expect(row()).not.toHaveProperty('stopSignal');
    await agent.store.commit([{ op: 'put', kind: 'container', value: { ...row(), stopSignal: 2 } }]);
    await request(agent.server).delete('/containers/web?force=1').expect(204);
    expect(signals()).toEqual(['10']);
  });

  it('is refused by an unknown signal, also of what does not run; before API 1.42 none can be chosen', async () => {
    for (const path of ['web/stop', 'web/restart']) {
      const { body } = await post(`${path}?signal=NOPE`).expect(400);
      expect(body.message).toBe('invalid signal: NOPE');
    }
    expect(await state()).toMatchObject({ Status: 'running' });
    await request(agent.server).post('/v1.41/containers/web/stop?signal=NOPE').expect(204);
    await post('web/stop?signal=NOPE').expect(400);
    await post('web/stop?signal=INT').expect(304);
    expect(signals()).toEqual([]);
  });
});
