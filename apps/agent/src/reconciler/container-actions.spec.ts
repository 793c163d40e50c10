import request from 'supertest';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { invalid, waitFor } from '#lib/common';
import { TestAgent } from '../testing/test-agent.js';
import { Sandbox } from '../sandbox/sandbox.js';

describe('what the reconciler does with containers', () => {
  let agent: TestAgent;
  let id: string;

  beforeEach(async () => {
    agent = await TestAgent.open();
    const { body } = await post('create?name=web', { Image: 'demo', Cmd: ['serve'] }).expect(201);
    id = (body as { Id: string }).Id;
  });
  afterEach(() => agent.close());

  const post = (path: string, body: object = {}) => request(agent.server).post(`/containers/${path}`).send(body);
  const status = () => agent.store.get('status', id)?.value;
  const until = (what: string, probe: () => boolean | undefined) => waitFor(probe, { ms: 10_000, what });

  it('a file of ours that cannot be written is no end of a container: it is tried again', async () => {
    const sandbox = agent.application.app.get(Sandbox);
    const write = sandbox.writeFiles.bind(sandbox);
    let refused = 0;
    sandbox.writeFiles = (container) => {
      if (refused++ > 1) return write(container);
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    };
    const { store } = agent;
    await store.commit([
      { op: 'put', kind: 'container', value: { ...store.get('container', id)!.value, target: 'running' } },
    ]);
    const isRunning = async () => {
      const [seen] = await agent.engine.list('io.skep.container');
      return seen?.state === 'running';
    };
    await waitFor(isRunning, { ms: 10_000, what: 'it runs' });
    expect([refused > 2, status()?.finished]).toEqual([true, false]);
  });

  it('a start that is refused for good keeps what was noted of the container meanwhile', async () => {
    const { engine, store } = agent;
    engine.start = async () => {
      void store.commit([{ op: 'put', kind: 'status', value: { ...status()!, signalled: true, restartCount: 7 } }]);
      throw invalid('no such command');
    };
    await post('web/start').expect(400);
    await until('its end is noted', () => status()?.finished);
    expect(status()).toMatchObject({ signalled: true, restartCount: 7, exitCode: 128, error: 'no such command' });
  });

  it('a run that begins keeps what was noted of the container meanwhile', async () => {
    const { engine, store } = agent;
    const start = engine.start.bind(engine);
    engine.start = async (engineId) => {
      await start(engineId);
      const before = { ...status()!, error: 'no luck before' };
      await store.commit([{ op: 'put', kind: 'status', value: before }]);
      void store.commit([{ op: 'put', kind: 'status', value: { ...before, signalled: true } }]);
    };
    await post('web/start').expect(204);
    await until('the run is noted', () => status()?.error === undefined);
    expect(status()?.signalled).toBe(true);
  });
});
