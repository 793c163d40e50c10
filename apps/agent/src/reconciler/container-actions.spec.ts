import request from 'supertest';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
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
});
