import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import request from 'supertest';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { invalid, unavailable, waitFor } from '#lib/common';
import { NODE, type Node } from '../node/tokens.js';
import { TestAgent } from '../testing/test-agent.js';
import { Sandbox } from '../sandbox/sandbox.js';
import { World } from '../world/world.js';

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

  it('an image that never comes keeps nobody from starting, however many containers wait for it', async () => {
    const { engine, store } = agent;
    const pulls: ((error: Error) => void)[] = [];
    engine.pull = () => new Promise((_, giveUp) => pulls.push(giveUp));
    const web = store.get('container', id)!.value;
    const waiting = Array.from({ length: 2 * availableParallelism() + 1 }, (_, index) => ({
      ...web,
      id: `absent${index}`,
      name: `absent-${index}`,
      networkMode: 'none' as const,
      pullPolicy: 'missing' as const,
      endpoints: [],
      spec: { ...web.spec, Image: 'absent' },
      target: 'running' as const,
    }));
    await store.commit(waiting.map((value) => ({ op: 'put', kind: 'container', value })));
    await until('the pull has begun', () => pulls.length > 0);
    await post('web/start').expect(204);
    expect(pulls).toHaveLength(1);
    await store.commit(waiting.map(({ id: each }) => ({ op: 'delete', kind: 'container', id: each })));
    pulls[0]!(unavailable('the registry does not answer'));
  });

  it('a registry that is asked what a tag means by now keeps nobody from starting either', async () => {
    const { engine, store } = agent;
    let asked = 0;
    let answer = (_error: Error) => {};
    engine.registries.inspect = () => new Promise((_, giveUp) => ((asked += 1), (answer = giveUp)));
    const web = store.get('container', id)!.value;
    const waiting = Array.from({ length: 2 * availableParallelism() + 1 }, (_, index) => ({
      ...web,
      id: `tagged${index}`,
      name: `tagged-${index}`,
      networkMode: 'none' as const,
      pullPolicy: 'newer' as const,
      endpoints: [],
      target: 'running' as const,
    }));
    await store.commit(waiting.map((value) => ({ op: 'put', kind: 'container', value })));
    const states = () => waiting.map(({ id: each }) => agent.application.app.get(World).container(each)?.state);
    await until('the registry is asked', () => asked > 0);
    await post('web/start').expect(204);
    expect(states().every((state) => state === undefined)).toBe(true);
    answer(unavailable('the registry does not answer'));
    await until('all of them run', () => states().every((state) => state === 'running'));
    expect(asked).toBe(1);
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

  it('has the volumes of another container as mounts, and not the files of ours that it has', async () => {
    const { engine, store } = agent;
    const create = (name: string, HostConfig: object) =>
      post(`create?name=${name}`, { Image: 'demo', Cmd: ['serve'], HostConfig }).expect(201);
    await create('data', { Binds: ['kept:/data'] });
    const { config } = agent.application.app.get<Node>(NODE);
    const inspect = engine.inspect.bind(engine);
    engine.inspect = async (engineId) => {
      const seen = await inspect(engineId);
      const source = join(config.execRoot, 'containers/x/hosts');
      const hosts = { ...seen.mounts[0]!, type: 'bind', name: '', source, destination: '/etc/hosts' };
      return seen.name === 'data' ? { ...seen, mounts: [...seen.mounts, hosts] } : seen;
    };
    await create('reader', { NetworkMode: 'host', VolumesFrom: ['data:ro'] });
    const other = store.list('container').find(({ name }) => name === 'reader')!;
    const [seen] = await engine.list(`io.skep.container=${other.id}`);
    expect((await engine.details(seen!.engineId))['HostConfig']).toMatchObject({
      VolumesFrom: [],
      Mounts: [{ Type: 'volume', Source: 'kept', Target: '/data', ReadOnly: true }],
    });
    expect(other.spec.HostConfig).toMatchObject({ VolumesFrom: ['data:ro'] });
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
