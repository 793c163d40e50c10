import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { promisify } from 'node:util';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { conflict, waitFor } from '#lib/common';
import { FakeEngine } from '#lib/engine';
import { answerTo } from '#lib/http';
import { Passthrough } from './passthrough.js';
import { inWords } from './refusals.js';
import type { Route } from './route.js';

const JSON_TYPE = 'Content-Type: application/json\r\n';

const ROUTES: Route[] = [
  { method: 'POST', path: '/raw/:name', hijack: () => true, ask: ({ params }) => ({ path: `/raw/${params['name']}` }) },
  {
    method: 'POST',
    path: '/granted',
    hijack: () => true,
    ask: () => ({ path: '/raw/later' }),
    withheld: async (_refusal, _call, again) => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      return again();
    },
  },
  {
    method: 'POST',
    path: '/later',
    hijack: () => true,
    ask: () => ({ path: '/raw/no' }),
    withheld: () => Promise.resolve(undefined),
  },
  { method: 'PUT', path: '/tar/*name', upload: true },
  { method: 'GET', path: '/json/:name', answer: (json) => ({ ...(json as object), Name: 'ours' }) },
  { method: 'GET', path: '/lines', line: (json) => [{ n: (json as { n: number }).n + 1 }, 'more'] },
  { method: 'POST', path: '/refused', refusal: inWords([[/improper/, () => conflict('it is not running')]]) },
];

/** An engine that says what it was asked, and gives back upgraded connections what they send, in upper case. */
function createEngine(): Server {
  let refusals = 0;
  const engine = createServer((asked, answer) => void answerAs(asked, answer));
  engine.on('upgrade', (asked: IncomingMessage, socket: Socket, head: Buffer) => {
    socket.on('error', () => undefined);
    if (asked.url?.endsWith('/no') || (asked.url?.endsWith('/later') && refusals++ === 0)) {
      const body = JSON.stringify({ message: 'no such exec session', response: 404 });
      socket.end(`HTTP/1.1 404 Not Found\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
      return;
    }
    socket.write(`HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nhello:`);
    if (asked.url?.endsWith('/quiet')) {
      socket.resume();
      return;
    }
    const said: Buffer[] = [head.subarray(Number(asked.headers['content-length'] ?? 0))];
    socket.on('data', (chunk) => said.push(chunk));
    socket.on('end', () => socket.end(Buffer.concat(said).toString().toUpperCase()));
    socket.resume();
  });
  return engine;
}

async function answerAs(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
  const { pathname } = new URL(asked.url ?? '', 'http://engine');
  let length = 0;
  for await (const chunk of asked) length += (chunk as Buffer).length;
  if (pathname.endsWith('/refused')) {
    answer.writeHead(500).end(JSON.stringify({ message: 'container state improper', response: 500 }));
  } else if (pathname.endsWith('/lines')) {
    answer.write('{"n":1}\n{"n"');
    answer.end(':2}\n');
  } else {
    answer.writeHead(200, { 'Content-Type': 'application/json', 'Libpod-Api-Version': '4' });
    answer.end(JSON.stringify({ url: asked.url, length }));
  }
}

describe('what is passed through', () => {
  let folder: string;
  let engine: Server;
  let server: Server;
  const at = (name: string) => join(folder, name);

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'skep-pass-'));
    engine = createEngine().listen(at('engine'));
    const passthrough = new Passthrough(Object.assign(new FakeEngine(), { socketPath: at('engine') }), ROUTES);
    server = createServer((asked, answer) => {
      void passthrough.offer(asked, answer, (error) => {
        const { status, body } = error ? answerTo(error) : { status: 404, body: { message: 'next' } };
        answer.writeHead(status).end(JSON.stringify(body));
      });
    });
    passthrough.listen(server);
    server.listen(at('skep'));
    await Promise.all([once(engine, 'listening'), once(server, 'listening')]);
  });
  afterEach(() => {
    for (const each of [server, engine]) {
      each.close();
      each.closeAllConnections();
    }
    rmSync(folder, { recursive: true });
  });

  const call = async (method: string, path: string, body?: Buffer | string, type = 'application/json') => {
    const headers = { 'Content-Type': type };
    const asked = request({ socketPath: at('skep'), method, path, headers, agent: false });
    // A server that has refused a body does not wait for the rest of it.
    asked.on('error', () => undefined);
    asked.end(body);
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    let text = '';
    for await (const chunk of answer.setEncoding('utf8')) text += chunk as string;
    return { status: answer.statusCode, headers: answer.headers, text };
  };

  /** Sends bytes, ends its side where it is told to, and gives all that comes back. */
  const raw = async (bytes: string, end = true): Promise<string> => {
    const socket = connect({ path: at('skep'), allowHalfOpen: true });
    if (end) socket.end(bytes);
    else socket.write(bytes);
    let text = '';
    for await (const chunk of socket.setEncoding('latin1')) text += chunk as string;
    socket.end();
    return text;
  };
  const upgrade = (path: string, body = '', more = '', headers = `Content-Length: ${body.length}\r\n`) =>
    raw(
      `POST ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n${JSON_TYPE}${headers}\r\n${body}${more}`,
    );

  it('asks the engine the same, whatever version the client speaks', async () => {
    const { text, headers } = await call('GET', '/v1.44/json/a%20b?x=1');
    expect(JSON.parse(text)).toEqual({ url: '/v1.41/json/a%20b?x=1', length: 0, Name: 'ours' });
    expect(headers).not.toHaveProperty('libpod-api-version');
    expect(await call('GET', '/lines')).toMatchObject({ status: 200, text: '{"n":2}\n"more"\n{"n":3}\n"more"\n' });
  });

  it('streams what is to be uploaded, and takes no more than a megabyte of anything else', async () => {
    const body = Buffer.alloc(8 << 20);
    expect(JSON.parse((await call('PUT', '/tar/a/b', body)).text)).toEqual({ url: '/v1.41/tar/a/b', length: 8 << 20 });
    expect(await call('POST', '/refused', body)).toMatchObject({
      status: 400,
      text: expect.stringContaining('too large') as string,
    });
  });

  it('gives refusals in Docker’s words', async () => {
    const { status, text } = await call('POST', '/refused', '{}');
    expect({ status, text }).toEqual({ status: 409, text: '{"message":"it is not running","code":"conflict"}' });
    expect(await call('POST', '/refused', '{}', 'text/plain')).toMatchObject({
      status: 400,
      text: expect.stringContaining(
        "unsupported Content-Type header (text/plain): must be 'application/json'",
      ) as string,
    });
    expect((await call('POST', '/refused', '', 'text/plain')).status).toBe(409);
    expect(await call('POST', '/refused', '{"a":')).toMatchObject({
      status: 400,
      text: expect.stringContaining('invalid JSON') as string,
    });
  });

  it.each(['/json/%2e%2e', '/json/a%0ab', '/json/a%00', '/json/%ff', '/tar/a/../b'])('refuses %s', async (path) => {
    const method = path.startsWith('/tar') ? 'PUT' : 'GET';
    expect((await call(method, path)).status).toBe(400);
  });

  it('leaves what it has no route for to others', async () => {
    expect((await call('GET', '/other')).text).toContain('next');
    expect(await raw('GET /other HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n')).toContain(
      'next',
    );
  });

  it('joins upgraded connections; output flows on after the client has ended its side', async () => {
    expect(await upgrade('/v1.41/raw/a', '{}', 'input')).toMatch(
      /^HTTP\/1\.1 101 UPGRADED\r\n[^]*\r\n\r\nhello:INPUT$/,
    );
    expect(await upgrade('/raw/a')).toMatch(/\r\n\r\nhello:$/);
  });

  it('gives an empty stream in place of a refusal that is withheld', async () => {
    expect(await upgrade('/later')).toMatch(/^HTTP\/1\.1 101 UPGRADED\r\n[^]*\r\n\r\n$/);
  });

  it('gives what comes later where a refusal was withheld, and hands on what was said until then', async () => {
    expect(await upgrade('/granted', '', 'early')).toMatch(/\r\n\r\nhello:EARLY$/);
  });

  it('notices that a client is gone which had ended its side, though nothing is said to it', async () => {
    const upgraded = once(engine, 'upgrade') as Promise<[IncomingMessage, Socket]>;
    const client = connect({ path: at('skep'), allowHalfOpen: true });
    client.end('POST /raw/quiet HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n');
    const [, behind] = await upgraded;
    await Promise.all([once(client, 'data'), once(behind, 'end')]);
    const open = () => promisify(server.getConnections.bind(server))();
    expect(await open()).toBe(1);
    client.destroy();
    await waitFor(async () => (await open()) === 0, { ms: 10_000, what: 'the client’s connection is closed' });
  }, 15_000);

  it('gives a raw stream without an upgrade, too', async () => {
    const chunks = 'Transfer-Encoding: chunked\r\n\r\n5\r\ninput\r\n0\r\n\r\n';
    const text = await raw(`POST /raw/a HTTP/1.1\r\nHost: x\r\n${chunks}`, false);
    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*application\/vnd\.docker\.raw-stream[^]*\r\n\r\nhello:INPUT$/);
  });

  it.each<[string, () => Promise<string>, number]>([
    ['what the engine refuses', () => upgrade('/raw/no'), 404],
    ['a version from the future', () => upgrade('/v9.9/raw/a'), 400],
    ['a body that is no JSON', () => upgrade('/raw/a', '{'), 400],
    ['a body that ends early', () => upgrade('/raw/a', '', '', 'Content-Length: 5\r\n'), 400],
    ['a body that is too large', () => upgrade('/raw/a', '', '', 'Content-Length: 99999999\r\n'), 400],
    ['a body without a length', () => upgrade('/raw/a', '', '', 'Transfer-Encoding: chunked\r\n'), 400],
    ['another path with a body', () => upgrade('/other', '{}'), 501],
  ])('answers an upgrade with a reason: %s', async (_what, ask, status) => {
    const [head, body] = (await ask()).split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(head).toContain('Content-Type: application/json\r\n');
    expect(JSON.parse(body!)).toMatchObject({ message: expect.any(String) as string });
  });

  it('says so when the engine is away', async () => {
    engine.close();
    engine.closeAllConnections();
    rmSync(at('engine'), { force: true });
    expect((await call('GET', '/lines')).status).toBe(503);
    expect(await upgrade('/raw/a')).toMatch(/^HTTP\/1\.1 503 /);
  });
});
