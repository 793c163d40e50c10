import { get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import request from 'supertest';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import type { LogEvent } from '#lib/contracts';
import { TestAgent } from '../testing/test-agent.js';

const NO_LOG = 'configured logging driver does not support reading';
const PATH = '/skep/v1/projects/shop/logs';

let agent: TestAgent;
let unhandled: unknown[];
const note = (error: unknown) => unhandled.push(error);

beforeEach(async () => {
  agent = await TestAgent.open();
  unhandled = [];
  process.on('unhandledRejection', note);
});
afterEach(async () => {
  await agent.close();
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});

async function up(): Promise<void> {
  const common = { image: 'demo', network_mode: 'none' };
  const services = { web: common, silent: { ...common, logging: { driver: 'none' } } };
  const model = { name: 'shop', services, networks: {} };
  const { text } = await request(agent.server).post('/skep/v1/projects/shop/up').send({ model }).expect(200);
  expect(text.trim().split('\n').at(-1)).toBe('{"type":"result","ok":true}');
  agent.engine.print(await engineIdOf('web'), 'hello');
}

async function engineIdOf(service: string): Promise<string> {
  const { id } = agent.store.list('container').find((each) => each.service === service)!;
  return (await agent.engine.list(`io.skep.container=${id}`))[0]!.engineId;
}

/** Of an answer that is read as it comes. */
async function following(): Promise<{ answer: IncomingMessage; said: () => LogEvent[] }> {
  if (!agent.server.listening) await once(agent.server.listen(0, '127.0.0.1'), 'listening');
  const { port } = agent.server.address() as AddressInfo;
  const [answer] = (await once(get({ port, path: `${PATH}?follow=1`, agent: false }), 'response')) as [IncomingMessage];
  let text = '';
  answer.setEncoding('utf8').on('data', (some: string) => (text += some));
  return { answer, said: () => eventsIn(text) };
}

const eventsIn = (text: string) =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as LogEvent);

const SILENT = expect.objectContaining({ container: 'shop-silent-1', note: true, line: NO_LOG });
const HELLO = expect.objectContaining({ container: 'shop-web-1', stream: 'stdout', line: 'hello' });

it('a log that is kept nowhere is a note, and the others are read', async () => {
  await up();
  const { text } = await request(agent.server).get(PATH).expect(200);
  const said = eventsIn(text);
  expect(said).toHaveLength(2);
  expect(said).toEqual(expect.arrayContaining([SILENT, HELLO]));
});

it('following such a project goes on', async () => {
  await up();
  const { answer, said } = await following();
  await waitFor(() => said().length === 2, { ms: 5_000, what: 'the first line and the note' });
  agent.engine.print(await engineIdOf('web'), 'more');
  await waitFor(() => said().some(({ line }) => line === 'more'), { ms: 5_000, what: 'another line' });
  expect(said().filter((event) => event.note)).toEqual([SILENT]);
  answer.destroy();
});

it('an engine that goes away ends the answer, which says that it is not complete', async () => {
  await up();
  const web = await engineIdOf('web');
  const { answer, said } = await following();
  const failed = once(answer, 'error') as Promise<[Error]>;
  await waitFor(() => said().length === 2 && agent.engine.followers(web) === 1, { ms: 5_000, what: 'a follower' });
  agent.engine.print(web, 'lost');
  agent.engine.away = true;
  expect((await failed)[0]).toMatchObject({ code: 'ECONNRESET' });
  agent.engine.away = false;
});

it('what fails before the first line is said in so many words', async () => {
  await up();
  agent.engine.away = true;
  await request(agent.server).get(PATH).expect(503);
  agent.engine.away = false;
});
