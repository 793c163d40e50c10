import request from 'supertest';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SkepError } from '#lib/common';
import { TestAgent } from '../testing/test-agent.js';
import { WithheldAttaches } from './withheld-attaches.js';

describe('an attach that the runtime refused', () => {
  let agent: TestAgent;
  let withheld: WithheldAttaches;
  let id: string;

  beforeEach(async () => {
    agent = await TestAgent.open();
    withheld = agent.application.app.get(WithheldAttaches);
    const made = await request(agent.server)
      .post('/containers/create?name=web')
      .send({ Image: 'demo', Cmd: ['serve'] });
    id = (made.body as { Id: string }).Id;
  });
  afterEach(() => agent.close());

  const refuseStart = () => agent.engine.refuseStart('web', new SkepError('invalid', 'no such file or directory'));
  const start = (status: number) => request(agent.server).post('/containers/web/start').expect(status);
  const state = async () => (await agent.engine.list('io.skep.container'))[0]?.state;
  const forever = new AbortController().signal;

  it('is granted before the start that succeeds', async () => {
    const seen: (string | undefined)[] = [];
    const stream = { destroyed: false, destroy: () => (stream.destroyed = true) };
    const holding = withheld.hold(id, async () => (seen.push(await state()), stream), forever);
    await start(204);
    expect(await holding).toBe(stream);
    expect(seen).toEqual(['created']);
    expect(stream.destroyed).toBe(false);
  });

  it('ends with the start that is refused, however often it was tried', async () => {
    let tries = 0;
    const holding = withheld.hold(
      id,
      () => {
        tries++;
        return Promise.reject(new Error('again no'));
      },
      forever,
    );
    refuseStart();
    await start(400);
    expect(await holding).toBeUndefined();
    expect(tries).toBe(1);
    await start(204);
    expect(tries).toBe(1);
  });

  it('ends with its client, and leaves no stream behind', async () => {
    const gone = new AbortController();
    const stream = { destroyed: false, destroy: () => (stream.destroyed = true) };
    const holding = withheld.hold(
      id,
      async () => {
        gone.abort();
        await holding;
        return stream;
      },
      gone.signal,
    );
    await start(204);
    expect(await holding).toBeUndefined();
    expect(stream.destroyed).toBe(true);
  });

  it('is held for nobody who is gone', async () => {
    expect(await withheld.hold(id, () => Promise.reject(new Error('no')), AbortSignal.abort())).toBeUndefined();
    expect(withheld.has(id)).toBe(false);
  });
});
