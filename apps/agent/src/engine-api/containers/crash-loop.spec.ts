import request from 'supertest';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SkepError, waitFor } from '#lib/common';
import { ContainerWaits, type WaitCondition } from '../../containers/container-waits.js';
import { TestAgent } from '../../testing/test-agent.js';

/** Of a container that has ended, and whose restart policy waits before the next run. */
describe('between two runs of a crash loop', () => {
  let agent: TestAgent;
  let id: string;

  beforeEach(async () => {
    agent = await TestAgent.open();
    const body = { Image: 'demo', Cmd: ['serve'], HostConfig: { RestartPolicy: { Name: 'always' } } };
    id = ((await post('create?name=loop', body).expect(201)).body as { Id: string }).Id;
    await post('loop/start').expect(204);
    // The next wait is long enough for all that is asked meanwhile.
    await edit({ restartWaitMs: 25_600 });
    await end(3);
    const due = () => agent.store.get('status', id)?.value.restartAt !== undefined;
    await waitFor(due, { ms: 5_000, what: 'its end is accounted for' });
    expect((await state()).Status).toBe('restarting');
  });
  afterEach(() => agent.close());

  const post = (path: string, body: object = {}) => request(agent.server).post(`/containers/${path}`).send(body);
  const remove = (query = '') => request(agent.server).delete(`/containers/loop${query}`);
  const state = async () =>
    (
      (await request(agent.server).get('/containers/loop/json').expect(200)).body as {
        State: { Status: string; Restarting: boolean; ExitCode: number };
      }
    ).State;
  const end = async (exitCode: number) => {
    const [seen] = await agent.engine.list('io.skep.container');
    agent.engine.exit(seen!.engineId, exitCode);
  };
  const edit = (change: { restartWaitMs?: number; restartAt?: number | undefined }) =>
    agent.store.commit([{ op: 'put', kind: 'status', value: { ...agent.store.get('status', id)!.value, ...change } }]);
  /** The back-off is over. */
  const again = async () => {
    await edit({ restartAt: 1 });
    await waitFor(async () => (await state()).Status === 'running', { ms: 5_000, what: 'it runs again' });
  };
  const wait = (condition: WaitCondition = 'not-running') => {
    const over = { code: undefined as number | undefined };
    const waits = agent.application.app.get(ContainerWaits);
    void waits.begin('loop', condition, new AbortController().signal).then((code) => (over.code = code));
    return over;
  };
  const gives = (over: { code: number | undefined }, code: number) =>
    waitFor(() => over.code === code, { ms: 5_000, what: `the wait gives ${code}` });

  it('kill takes back the run that would follow', async () => {
    const over = wait();
    await post('loop/kill').expect(204);
    expect(await state()).toMatchObject({ Status: 'exited', Restarting: false, ExitCode: 3 });
    await gives(over, 3);
    const late = await post('loop/kill').expect(409);
    expect(late.body.message).toBe(`cannot kill container: loop: container ${id} is not running`);
    await post('loop/start').expect(204);
    expect((await state()).Status).toBe('running');
    await end(4);
    await waitFor(async () => (await state()).Status === 'restarting', { ms: 5_000, what: 'its policy holds again' });
  });

  it('kill reaches a run that begins meanwhile', async () => {
    await edit({ restartAt: 1 });
    await post('loop/kill').expect(204);
    await waitFor(async () => (await state()).Status === 'exited', { ms: 5_000, what: 'it has ended' });
    expect(agent.store.get('status', id)?.value).toMatchObject({ finished: true });
  });

  it('kill takes back a run whose time has come and that something else holds up', async () => {
    agent.engine.refuseStart('loop', new SkepError('unavailable', 'not now'));
    await edit({ restartAt: undefined });
    await post('loop/kill').expect(204);
    expect(agent.store.get('status', id)?.value).toMatchObject({ finished: true });
    expect((await state()).Status).toBe('exited');
  });

  it('rm is refused without force', async () => {
    expect((await remove().expect(409)).body.message).toBe(
      'cannot remove container "/loop": container is restarting: stop the container before removing or force remove',
    );
    await remove('?force=1').expect(204);
  });

  it.each(['not-running', 'next-exit'] as const)('wait lasts until the next end: %s', async (condition) => {
    const over = wait(condition);
    await again();
    expect(over.code).toBeUndefined();
    await end(5);
    await gives(over, 5);
  });

  it('wait ends with a stop, and not with one of a run that has begun', async () => {
    const [over, removed] = [wait(), wait('removed')];
    await post('loop/stop').expect(204);
    await gives(over, 3);
    expect(removed.code).toBeUndefined();
    await post('loop/start').expect(204);
    const next = wait();
    await post('loop/stop').expect(204);
    await gives(next, 137);
    await remove().expect(204);
    await gives(removed, 137);
  });
});
