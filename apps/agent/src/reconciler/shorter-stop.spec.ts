import request from 'supertest';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import type { Change } from '#lib/store';
import { EventLog } from '../events/event-log.js';
import { downChanges, stopChanges } from '../projects/down.js';
import { TestAgent } from '../testing/test-agent.js';

describe('a stop that is under way', () => {
  let agent: TestAgent;
  let id: string;
  let engineId: string;
  /** graces that the engine was asked to give */
  let graces: number[];

  beforeEach(async () => {
    agent = await TestAgent.open();
    const body = { Image: 'demo', Cmd: ['serve'], StopTimeout: 600 };
    id = ((await post('create?name=web', body).expect(201)).body as { Id: string }).Id;
    await post('web/start').expect(204);
    ({ engineId } = (await agent.engine.list('io.skep.container'))[0]!);
    const { engine } = agent;
    const stop = engine.stop.bind(engine);
    graces = [];
    // A process that does not heed the stop signal.
    engine.stop = async (which, grace) => {
      graces.push(grace);
      const over = Date.now() + grace * 1000;
      const ended = async () => (await engine.inspect(which)).state === 'exited' || Date.now() >= over;
      await waitFor(ended, { ms: 30_000, what: 'its end' });
      await stop(which, grace);
    };
  });
  afterEach(() => agent.close());

  const post = (path: string, body: object = {}) => request(agent.server).post(`/containers/${path}`).send(body);
  const remove = () => request(agent.server).delete('/containers/web?force=1');
  const signals = () => agent.engine.signals.get(engineId) ?? [];
  const row = () => agent.store.get('container', id)?.value;
  /** signals that events tell of */
  const told = () => {
    const all = agent.application.app.get(EventLog).between(undefined, undefined);
    return all.filter(({ action }) => action === 'kill').map(({ actor }) => actor.attributes['signal']);
  };
  const within = async (ms: number, work: () => PromiseLike<unknown>) => {
    const start = Date.now();
    await work();
    expect(Date.now() - start).toBeLessThan(ms);
  };

  /** Resolves when the stop is under way, to what resolves when it is answered. */
  const begin = async (path: string) => {
    const answer = post(path).then(({ status }) => status);
    await waitFor(() => graces.length > 0 || signals().length > 0, { ms: 5_000, what: 'the stop' });
    return () => answer;
  };

  it('ends at once where the container is removed by force', async () => {
    const first = await begin('web/stop?t=-1');
    await within(3_000, () => remove().expect(204));
    expect(await first()).toBe(204);
    expect([signals(), graces.length, row()]).toEqual([['9'], 1, undefined]);
  });

  it('has the time of the second one where that is less, from its own moment, and never more', async () => {
    await begin('web/stop');
    const start = Date.now();
    await Promise.all([post('web/stop?t=1').expect(204), post('web/stop?t=50').expect(204)]);
    expect(Date.now() - start).toBeGreaterThanOrEqual(950);
    expect(Date.now() - start).toBeLessThan(5_000);
    expect([signals(), graces]).toEqual([['9'], [600]]);
    expect(told()).toEqual(['15', '9']);
  });

  it('is heard of as well where it began with a signal of its own', async () => {
    await begin('web/stop?signal=10&t=-1');
    await within(900, () => post('web/stop?t=0').expect(204));
    expect(signals()).toEqual(['10', '9']);
  });

  it('goes on as it was where the container is to run again', async () => {
    const first = await begin('web/restart?t=2');
    await first();
    expect([signals(), graces]).toEqual([[], [2]]);
  });

  it('gets shorter by what is asked of its project, and a removal that takes its time by one with force', async () => {
    const project = (timeoutSeconds?: number) => ({ volumes: false, services: undefined, timeoutSeconds });
    const commit = (changes: readonly Change[]) => agent.store.commit(changes);
    await commit([{ op: 'put', kind: 'container', value: { ...row()!, project: 'shop', service: 'web' } }]);
    await begin('web/stop?t=500');
    await commit(stopChanges(agent.store, 'shop', { services: [], timeoutSeconds: 400 }));
    expect(row()).toMatchObject({ stopWithinSeconds: 400, stopGraceSeconds: 600 });
    await commit(downChanges(agent.store, 'shop', project(300), undefined));
    expect(row()).toMatchObject({ target: 'removed', stopWithinSeconds: 300, keepVolumes: true });
    await remove().query({ v: '1' }).expect(204);
    expect([signals(), row()]).toEqual([['9'], undefined]);
  });
});
