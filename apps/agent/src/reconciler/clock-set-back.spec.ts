import request from 'supertest';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { unavailable, waitFor } from '#lib/common';
import { TestAgent } from '../testing/test-agent.js';

const HOUR = 3_600_000;
const TRUE = Date.parse('2026-01-01T00:00:00Z');

describe('a clock that is two hours ahead and is set back', () => {
  let agent: TestAgent;
  const post = (path: string, body: object = {}) => request(agent.server).post(`/containers/${path}`).send(body);

  beforeEach(async () => {
    vi.useFakeTimers({ now: TRUE + 2 * HOUR, toFake: ['Date'] });
    agent = await TestAgent.open();
  });
  afterEach(async () => {
    vi.useRealTimers();
    await agent.close();
  });

  it('does not put off what is to be tried again', async () => {
    const create = agent.engine.create.bind(agent.engine);
    let tries = 0;
    agent.engine.create = async (wanted) => {
      if (tries++ > 0) return create(wanted);
      setImmediate(() => setImmediate(() => vi.setSystemTime(TRUE)));
      throw unavailable('the engine is away');
    };
    await post('create?name=web', { Image: 'demo', Cmd: ['serve'] }).expect(201);
    expect([tries, Date.now()]).toEqual([2, TRUE]);
  });

  it('leaves nothing of the pause before a run in the status of that run', async () => {
    const { engine, store } = agent;
    const { body } = await post('create?name=web', { Image: 'demo', Cmd: ['serve'] }).expect(201);
    const { Id: id } = body as { Id: string };
    await post('web/start').expect(204);
    const [seen] = await engine.list('io.skep.container');
    engine.exit(seen!.engineId, 1);
    await waitFor(() => store.get('status', id)?.value.finished, { ms: 10_000, what: 'its end' });
    vi.setSystemTime(TRUE);
    const status = { ...store.get('status', id)!.value, finished: false, restartAt: TRUE, restartCount: 1 };
    await store.commit([{ op: 'put', kind: 'status', value: status }]);
    await waitFor(() => store.get('status', id)?.value.restartAt === undefined, { ms: 4_000, what: 'a fresh status' });
  });
});
