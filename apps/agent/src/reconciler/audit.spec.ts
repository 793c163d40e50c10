import request from 'supertest';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { unavailable, waitFor } from '#lib/common';
import { LABELS } from '#lib/domain';
import { TestAgent } from '../testing/test-agent.js';
import { World } from '../world/world.js';

const AUDIT = 10_000;

let agent: TestAgent;
let underWay: boolean;
let endStop: () => void;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  agent = await TestAgent.open();
  underWay = false;
  const held = new Promise<void>((resolve) => (endStop = resolve));
  const stop = agent.engine.stop.bind(agent.engine);
  agent.engine.stop = async (engineId, seconds) => {
    if (engineIdOf('stubborn') === engineId) {
      underWay = true;
      await held;
    }
    return stop(engineId, seconds);
  };
});

afterEach(async () => {
  endStop();
  await agent.close();
  vi.useRealTimers();
});

const post = (path: string) => request(agent.server).post(`/v1.51${path}`);
const engineIds = new Map<string, string>();
const engineIdOf = (name: string) => engineIds.get(name);
const inEngine = async (name: string) =>
  (await agent.engine.list(LABELS.container)).find((each) => each.name === name)!;

async function run(name: string): Promise<void> {
  const body = { Image: 'demo', Cmd: ['sleep', '1000'], HostConfig: { RestartPolicy: { Name: 'always' } } };
  const { Id } = (await post(`/containers/create?name=${name}`).send(body).expect(201)).body as { Id: string };
  await post(`/containers/${Id}/start`).expect(204);
  engineIds.set(name, (await inEngine(name)).engineId);
}

it('an end that could not be looked at is found while a step on another container does not end', async () => {
  await run('stubborn');
  await run('web');
  let stopped = false;
  const stopping = post('/containers/stubborn/stop')
    .expect(204)
    .then(() => (stopped = true));
  await waitFor(() => underWay, { ms: 5_000, what: 'the stop is under way' });

  const inspect = agent.engine.inspect.bind(agent.engine);
  let refused = 0;
  agent.engine.inspect = async (engineId) => {
    if (engineId !== engineIdOf('web')) return inspect(engineId);
    refused += 1;
    throw unavailable('the engine has no time');
  };
  const first = await inEngine('web');
  agent.engine.exit(engineIdOf('web')!, 3);
  await waitFor(() => refused > 0, { ms: 5_000, what: 'its end is noticed' });
  agent.engine.inspect = inspect;

  vi.advanceTimersByTime(AUDIT);
  const again = async () => {
    const { state, startedAt } = await inEngine('web');
    return state === 'running' && startedAt !== first.startedAt;
  };
  await waitFor(again, { ms: 5_000, what: 'it is started again' });
  expect(stopped).toBe(false);
  endStop();
  await stopping;
});

it('what a step works on, and what is noted while the engine is looked at, stays as it was noted', async () => {
  await run('stubborn');
  await run('web');
  await run('other');
  const world = agent.application.app.get(World);
  const known = (name: string) => [...world.all().values()].find((each) => each.name === name)?.state;
  const { id } = await inEngine('stubborn');
  const list = agent.engine.list.bind(agent.engine);
  const seen = { ...(await inEngine('web')), state: 'paused' } as const;
  agent.engine.list = async (label) => {
    const listed = await list(label);
    world.note(seen);
    world.noteVolume('made', true);
    return listed.map((each) => ({ ...each, state: 'created' }));
  };
  await world.refresh(() => [id]);
  expect(['stubborn', 'web', 'other'].map(known)).toEqual(['running', 'paused', 'created']);
  expect([...world.observe().volumes]).toContain('made');
});

it('the engine is looked at also where the rules could not be', async () => {
  await run('web');
  const inspect = agent.engine.inspect.bind(agent.engine);
  let refused = 0;
  agent.engine.inspect = async () => {
    refused += 1;
    throw unavailable('the engine has no time');
  };
  const first = await inEngine('web');
  agent.engine.exit(first.engineId, 3);
  await waitFor(() => refused > 0, { ms: 5_000, what: 'its end is noticed' });
  agent.engine.inspect = inspect;
  agent.host.nftTable = () => {
    throw unavailable('the kernel has no time');
  };

  vi.advanceTimersByTime(AUDIT);
  const again = async () => (await inEngine('web')).startedAt !== first.startedAt;
  await waitFor(again, { ms: 5_000, what: 'it is started again' });
});

it('a container that has lost its files is made anew, and started as its policy says', async () => {
  await run('web');
  const first = await inEngine('web');
  const list = agent.engine.list.bind(agent.engine);
  agent.engine.list = async (label) =>
    (await list(label)).map(({ specHash, ...each }) =>
      each.engineId === first.engineId
        ? { ...each, state: 'exited', pid: 0, exitCode: 255, finishedAt: each.startedAt, lost: true }
        : { ...each, specHash },
    );
  vi.advanceTimersByTime(AUDIT);
  const anew = async () => {
    const seen = await inEngine('web');
    return seen !== undefined && seen.engineId !== first.engineId && seen.state === 'running';
  };
  await waitFor(anew, { ms: 5_000, what: 'another one runs in its place' });
});
