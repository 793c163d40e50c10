import type { IncomingMessage } from 'node:http';
import request from 'supertest';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import { TestAgent } from '../../testing/test-agent.js';

const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z /g;

/** For superagent: the answer's bytes. */
const asBytes = (response: request.Response, done: (error: Error | null, body: string) => void) => {
  const parts: Buffer[] = [];
  const stream = response as unknown as IncomingMessage;
  stream
    .on('data', (part: Buffer) => parts.push(part))
    .on('end', () => done(null, Buffer.concat(parts).toString('latin1')));
};
const frame = (stream: number, text: string) =>
  Buffer.concat([Buffer.from([stream, 0, 0, 0, 0, 0, 0, text.length]), Buffer.from(text)]).toString('latin1');

describe('GET /containers/:name/logs', () => {
  let agent: TestAgent;

  beforeEach(async () => {
    agent = await TestAgent.open();
  });
  afterEach(() => agent.close());

  /** Runs, and has said `one`, on stderr `two`, and `three`. */
  const said = async (more: object = {}) => {
    const { body } = await request(agent.server)
      .post('/containers/create?name=web')
      .send({ Image: 'demo', Cmd: ['serve'], ...more })
      .expect(201);
    await request(agent.server).post('/containers/web/start').expect(204);
    const [seen] = await agent.engine.list('io.skep.container');
    agent.engine.print(seen!.engineId, 'one');
    agent.engine.print(seen!.engineId, 'two', 'stderr');
    agent.engine.print(seen!.engineId, 'three');
    return { id: body.Id as string, engineId: seen!.engineId };
  };
  const logs = (query: string, version = 'v1.51') =>
    request(agent.server).get(`/${version}/containers/web/logs?${query}`).buffer(true).parse(asBytes);
  const text = async (query: string) => (await logs(query).expect(200)).body as string;

  it('gives both streams in frames, one of them, the last lines of both, the moments of each line', async () => {
    await said();
    const both = 'stdout=1&stderr=1';
    const [one, two, three] = [frame(1, 'one\n'), frame(2, 'two\n'), frame(1, 'three\n')];
    expect(await text(both)).toBe(one + two + three);
    expect(await text('stdout=1')).toBe(one + three);
    expect(await text('stderr=true')).toBe(two);
    expect(await text(`${both}&tail=2`)).toBe(two + three);
    expect(await text('stdout=1&tail=2')).toBe(three);
    expect(await text(`${both}&tail=0`)).toBe('');
    for (const all of ['all', '', '-1', 'x']) expect(await text(`${both}&tail=${all}`)).toBe(one + two + three);
    const timed = await text(`${both}&timestamps=1`);
    expect(timed.match(TIME)).toHaveLength(3);
    const [, , since] = timed.match(TIME)!.map((time) => time.trim());
    expect(await text(`${both}&since=${since}`)).toBe(three);
    expect(await text(`${both}&until=${since}`)).toBe(one + two + three);
    expect(await text(`${both}&until=1.5`)).toBe('');
    expect(await text(`${both}&since=0`)).toBe(one + two + three);
  });

  it('names its content as Docker does, by version and terminal', async () => {
    await said();
    expect((await logs('stdout=1')).headers['content-type']).toBe('application/vnd.docker.multiplexed-stream');
    expect((await logs('stdout=1', 'v1.41')).headers['content-type']).toBe('application/vnd.docker.raw-stream');
  });

  it('gives a terminal’s output as it is', async () => {
    await said({ Tty: true });
    const answer = await logs('stdout=1&stderr=1').expect(200);
    expect(answer.headers['content-type']).toBe('application/vnd.docker.raw-stream');
    expect(answer.body).toBe('one\ntwo\nthree\n');
  });

  it('puts details in front, where log options name them', async () => {
    await said({
      Labels: { tier: 'web' },
      HostConfig: { LogConfig: { Type: 'json-file', Config: { labels: 'tier' } } },
    });
    expect(await text('stdout=1&details=1&tail=1')).toBe(frame(1, 'tier=web three\n'));
  });

  it('follows until the container ends', async () => {
    const { engineId } = await said();
    let over = false;
    const following = text('stdout=1&stderr=1&follow=1&tail=1').finally(() => (over = true));
    await waitFor(() => agent.engine.followers(engineId) === 1, { ms: 5_000, what: 'somebody follows' });
    agent.engine.print(engineId, 'four', 'stderr');
    expect(over).toBe(false);
    agent.engine.exit(engineId, 0);
    expect(await following).toBe(frame(1, 'three\n') + frame(2, 'four\n'));
  });

  it('refuses what cannot be meant, in Docker’s words', async () => {
    await said();
    const refused = async (query: string) =>
      (await request(agent.server).get(`/containers/web/logs?${query}`).expect(400)).body.message as string;
    expect(await refused('')).toBe('Bad parameters: you must choose at least one stream');
    expect(await refused('stdout=1&since=yesterday')).toMatch(/failed to parse value of since/);
    await request(agent.server).get('/containers/nobody/logs?stdout=1').expect(404);
  });
});
