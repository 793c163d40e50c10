import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import request from 'supertest';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SkepError, waitFor } from '#lib/common';
import { TestAgent } from '../../testing/test-agent.js';

describe('POST /containers/:name/wait', () => {
  let agent: TestAgent;
  let port: number;

  beforeEach(async () => {
    agent = await TestAgent.open();
    await once(agent.server.listen(0, '127.0.0.1'), 'listening');
    ({ port } = agent.server.address() as AddressInfo);
    await api('POST', '/containers/create?name=web', { Image: 'demo', Cmd: ['serve'] }, 201);
  });
  afterEach(async () => {
    await agent.close();
    agent.server.close();
  });

  const api = (method: 'POST' | 'DELETE', path: string, body: object | undefined, status: number) =>
    request(agent.server)[method === 'POST' ? 'post' : 'delete'](path).send(body).expect(status);
  const start = () => api('POST', '/containers/web/start', undefined, 204);
  const end = async (exitCode: number) => {
    const [seen] = await agent.engine.list('io.skep.container');
    agent.engine.exit(seen!.engineId, exitCode);
  };
  /** Resolves when the wait has begun, which clients rely on: the headers are there. */
  const wait = async (condition: string) => {
    const asked = httpRequest({ port, method: 'POST', path: `/containers/web/wait?condition=${condition}` });
    const [answer] = (await once(asked.end(), 'response')) as [IncomingMessage];
    expect(answer.statusCode).toBe(200);
    const waiting = { over: false, code: undefined as number | undefined };
    void (async () => {
      let text = '';
      for await (const chunk of answer.setEncoding('utf8')) text += chunk as string;
      Object.assign(waiting, { over: true, code: (JSON.parse(text) as { StatusCode: number }).StatusCode });
    })();
    return waiting;
  };
  const gives = (waiting: { over: boolean; code: number | undefined }, code: number) =>
    waitFor(() => waiting.over && waiting.code === code, { ms: 5_000, what: `the wait gives ${code}` });

  it('not-running: at once where nothing runs, else with the end of the run', async () => {
    await gives(await wait('not-running'), 0);
    await start();
    const [named, unnamed] = [await wait('not-running'), await wait('')];
    expect([named.over, unnamed.over]).toEqual([false, false]);
    await end(3);
    await Promise.all([gives(named, 3), gives(unnamed, 3)]);
    await gives(await wait('not-running'), 3);
  });

  it('next-exit: with the end of a run that may not have begun, not with one that is past', async () => {
    const first = await wait('next-exit');
    await start();
    expect(first.over).toBe(false);
    await end(4);
    await gives(first, 4);
    const second = await wait('next-exit');
    await start();
    expect(second.over).toBe(false);
    await end(5);
    await gives(second, 5);
  });

  it('next-exit: with a start that is refused, also when one was refused before', async () => {
    const removed = await wait('removed');
    for (const round of [1, 2]) {
      const waiting = await wait('next-exit');
      agent.engine.refuseStart('web', new SkepError('invalid', 'exec: "nope": executable file not found in $PATH'));
      await request(agent.server).post('/containers/web/start').expect(400);
      await gives(waiting, 127);
      expect([round, removed.over]).toEqual([round, false]);
    }
    const last = await wait('next-exit');
    await start();
    expect(last.over).toBe(false);
    await end(0);
    await gives(last, 0);
    await api('DELETE', '/containers/web', undefined, 204);
    await gives(removed, 0);
  });

  it('removed: with the removal, and the code of the last run', async () => {
    await start();
    const [removed, next] = [await wait('removed'), await wait('next-exit')];
    await end(6);
    await gives(next, 6);
    expect(removed.over).toBe(false);
    await api('DELETE', '/containers/web', undefined, 204);
    await gives(removed, 6);
  });

  it('every condition ends with the removal', async () => {
    const next = await wait('next-exit');
    await api('DELETE', '/containers/web?force=1', undefined, 204);
    await gives(next, 0);
  });

  it('refuses other conditions, and does not know nobody', async () => {
    const odd = await api('POST', '/containers/web/wait?condition=soon', undefined, 400);
    expect((odd.body as { message: string }).message).toBe(
      'invalid condition: "soon": expected not-running, next-exit, removed',
    );
    await api('POST', '/containers/nobody/wait', undefined, 404);
  });
});
