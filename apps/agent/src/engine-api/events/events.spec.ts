import { once } from 'node:events';
import { get as httpGet, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import request from 'supertest';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import { TestAgent } from '../../testing/test-agent.js';

interface DockerEvent {
  status?: string;
  id?: string;
  from?: string;
  Type: string;
  Action: string;
  Actor: { ID: string; Attributes: Record<string, string> };
  scope: string;
  time: number;
  timeNano: number;
}

const parse = (text: string): DockerEvent[] =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as DockerEvent);
/** For superagent: an answer that calls itself JSON and is many lines of it. */
const asText = (response: request.Response, done: (error: Error | null, body: string) => void) => {
  const stream = response as unknown as IncomingMessage;
  let text = '';
  stream.setEncoding('utf8').on('data', (part: string) => (text += part));
  stream.on('end', () => done(null, text));
};
const words = (events: readonly DockerEvent[]) => events.map((each) => `${each.Type} ${each.Action}`);

describe('Docker’s /events', () => {
  let agent: TestAgent;

  beforeEach(async () => {
    agent = await TestAgent.open();
  });

  afterEach(() => agent.close());

  const post = (path: string, body: object = {}) => request(agent.server).post(path).send(body);
  const ask = (query: Record<string, string>) => request(agent.server).get('/v1.51/events').query(query);

  const past = async (filters: object = {}): Promise<DockerEvent[]> => {
    const { body } = await ask({ since: '1', until: now(), filters: JSON.stringify(filters) })
      .buffer(true)
      .parse(asText)
      .expect(200);
    return parse(body as string);
  };
  const now = () => String(Date.now() / 1000 + 0.002);

  const create = async (name: string, more: object = {}) =>
    (await post(`/containers/create?name=${name}`, { Image: 'demo', Cmd: ['sleep', '1000'], ...more }).expect(201)).body
      .Id as string;

  it('tells what ran out of memory, once and before its end, where only the engine knows of it', async () => {
    const id = await create('hungry');
    await post('/containers/hungry/start').expect(204);
    const { engineId } = (await agent.engine.list('io.skep.node')).find((seen) => seen.id === id)!;
    agent.engine.exit(engineId, 137, { outOfMemory: true });
    await waitFor(async () => words(await past()).includes('container die'), { ms: 5_000, what: 'its end' });
    const told = words(await past({ container: [id], event: ['oom', 'die', 'start'] }));
    expect(told).toEqual(['container start', 'container oom', 'container die']);
    const { body } = await request(agent.server).get('/containers/hungry/json').expect(200);
    expect(body.State.OOMKilled).toBe(true);
  });

  it('tells of a container’s life as Docker does, in order', async () => {
    const network = (await post('/networks/create', { Name: 'net' }).expect(201)).body.Id as string;
    const id = await create('box', { Labels: { tier: 'web' }, HostConfig: { NetworkMode: 'net', AutoRemove: true } });
    await post('/containers/box/start').expect(204);
    agent.engine.exit((await engineIds())[0]!, 3);
    await waitFor(() => agent.store.list('container').length === 0, { ms: 5_000, what: 'the container is gone' });
    await request(agent.server).delete('/networks/net').expect(204);
    const events = await past();
    expect(words(events)).toEqual([
      'network create',
      'container create',
      'network connect',
      'container start',
      'container die',
      'network disconnect',
      'container destroy',
      'network destroy',
    ]);
    expect(events[0]).toEqual({
      Type: 'network',
      Action: 'create',
      Actor: { ID: network, Attributes: { name: 'net', type: 'nat' } },
      scope: 'local',
      time: expect.any(Number),
      timeNano: expect.any(Number),
    });
    expect(events[2]!.Actor).toEqual({ ID: network, Attributes: { container: id, name: 'net', type: 'nat' } });
    expect(events[4]).toMatchObject({
      status: 'die',
      id,
      from: 'demo',
      Actor: { ID: id, Attributes: { exitCode: '3', image: 'demo', name: 'box', tier: 'web' } },
    });
    expect(Math.abs(events[0]!.time - Date.now() / 1000)).toBeLessThan(60);
  });

  it('tells of everything that can be done to a container', async () => {
    await post('/networks/create', { Name: 'net' }).expect(201);
    await create('box');
    await post('/containers/box/start').expect(204);
    await post('/networks/net/connect', { Container: 'box' }).expect(200);
    await post('/networks/net/disconnect', { Container: 'box' }).expect(200);
    await post('/containers/box/pause').expect(204);
    await post('/containers/box/unpause').expect(204);
    await post('/containers/box/rename?name=case').expect(204);
    await post('/containers/case/kill?signal=HUP').expect(204);
    await post('/containers/case/restart').expect(204);
    await post('/containers/case/stop').expect(204);
    await post('/containers/case/start').expect(204);
    await request(agent.server).delete('/containers/case?force=1').expect(204);
    const events = await past();
    expect(words(events)).toEqual([
      'network create',
      'container create',
      'network connect',
      'container start',
      'network connect',
      'network disconnect',
      'container pause',
      'container unpause',
      'container rename',
      'container kill',
      'container kill',
      'container die',
      'network disconnect',
      'container stop',
      'network connect',
      'container start',
      'container restart',
      'container kill',
      'container die',
      'network disconnect',
      'container stop',
      'network connect',
      'container start',
      'container kill',
      'container die',
      'network disconnect',
      'container destroy',
    ]);
    const signals = events.filter((each) => each.Action === 'kill').map((each) => each.Actor.Attributes['signal']);
    expect(signals).toEqual(['1', '15', '15', '9']);
    expect(events.find((each) => each.Action === 'rename')!.Actor.Attributes).toMatchObject({
      name: 'case',
      oldName: '/box',
    });
    await post('/containers/case/kill?signal=NOPE').expect(400);
  });

  it('tells which signal a stop began with, and of the one that ended it', async () => {
    await create('box');
    await post('/containers/box/start').expect(204);
    await post('/containers/box/stop?signal=SIGINT&t=0').expect(204);
    const kills = await past({ event: ['kill', 'die', 'stop'] });
    expect(kills.map((each) => [each.Action, each.Actor.Attributes['signal']])).toEqual([
      ['kill', '2'],
      ['kill', '9'],
      ['die', undefined],
      ['stop', undefined],
    ]);
  });

  it('tells nothing of what could not be made', async () => {
    await post('/containers/create?name=box', { Image: 'nope' }).expect(404);
    await post('/networks/create', { Name: 'x', Driver: 'nope' }).expect(404);
    expect(await past()).toEqual([]);
  });

  it('filters by every name', async () => {
    await post('/networks/create', { Name: 'net' }).expect(201);
    const id = await create('box', { Labels: { a: '1', b: '2' } });
    await create('other');
    await post('/containers/box/start').expect(204);
    const chosen = async (filters: object) => words(await past(filters));
    const ofBox = ['container create', 'container start'];
    expect(await chosen({ container: ['box'] })).toEqual(ofBox);
    expect(await chosen({ container: { [id.slice(0, 12)]: true } })).toEqual(ofBox);
    expect(await chosen({ label: ['a=1', 'b'] })).toEqual(ofBox);
    expect(await chosen({ image: ['demo'], event: ['start'] })).toEqual(['container start']);
    expect(await chosen({ type: ['network'] })).toEqual(['network create', 'network connect']);
    expect(await chosen({ network: ['net'] })).toEqual(['network create']);
    expect(await chosen({ event: ['create'], type: ['container'] })).toEqual(['container create', 'container create']);
    for (const filters of [{ volume: ['x'] }, { service: ['x'] }, { scope: ['swarm'] }, { daemon: ['x'] }]) {
      expect(await chosen(filters)).toEqual([]);
    }
    const { body } = await ask({ filters: '{"typ":["x"]}' }).expect(400);
    expect(body.message).toContain('did you mean type?');
  });

  it('refuses moments that are none', async () => {
    const { body } = await ask({ since: '100', until: '50' }).expect(400);
    expect(body.message).toBe('`since` time (100) cannot be after `until` time (50)');
    await ask({ since: 'abc' }).expect(400);
  });

  it('streams what happens to everybody who listens, until they leave', async () => {
    const listening = agent.server.listen(0, '127.0.0.1');
    await once(listening, 'listening');
    const { port } = listening.address() as AddressInfo;
    const follow = async (query: string) => {
      const call = httpGet({ port, path: `/events${query}` });
      const [response] = (await once(call, 'response')) as [IncomingMessage];
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      return { response, leave: () => call.destroy(), told: () => words(parse(text)) };
    };
    const everything = await follow('');
    const containers = await follow(`?filters=${encodeURIComponent('{"type":["container"]}')}`);
    const bounded = await follow(`?until=${Date.now() / 1000 + 1}`);
    expect(everything.response.headers['content-type']).toBe('application/json');
    await post('/networks/create', { Name: 'net' }).expect(201);
    await create('box');
    const all = ['network create', 'container create'];
    await waitFor(() => everything.told().length === 2 && containers.told().length === 1, {
      ms: 5_000,
      what: 'both told',
    });
    expect(everything.told()).toEqual(all);
    expect(containers.told()).toEqual(['container create']);
    containers.leave();
    await once(bounded.response, 'end');
    expect(bounded.told()).toEqual(all);
    everything.leave();
  });

  const engineIds = async () =>
    (await agent.engine.list('io.skep.node=' + agent.store.ownerId)).map((one) => one.engineId);
});
