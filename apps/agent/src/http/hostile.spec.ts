import { once } from 'node:events';
import type { Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestAgent } from '../testing/test-agent.js';

describe('what hostile clients send', () => {
  let agent: TestAgent;
  let server: Server;
  let socketPath: string;

  beforeAll(async () => {
    agent = await TestAgent.open();
    socketPath = join(agent.folder, 'skep.sock');
    server = agent.server.listen(socketPath);
    await once(server, 'listening');
  });
  afterAll(async () => {
    server.close();
    await agent.close();
  });

  const open = async (): Promise<Socket> => {
    const socket = connect(socketPath);
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    return socket;
  };

  /** The status and the body of what is answered to these bytes, of which the server may read as many as it likes. */
  const answerTo = async (...parts: (string | Buffer)[]): Promise<{ status: number; message: string }> => {
    const socket = await open();
    for (const part of parts) socket.write(part);
    let text = '';
    for await (const chunk of socket.setEncoding('utf8')) {
      text += chunk as string;
      const [head = '', body] = text.split('\r\n\r\n');
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1]);
      if (body !== undefined && Buffer.byteLength(body) >= length) break;
    }
    socket.destroy();
    const [head = '', body = ''] = text.split('\r\n\r\n');
    expect(head).toMatch(/content-type: application\/json(\r\n|$)/i);
    const { message } = JSON.parse(body) as { message: string };
    return { status: Number(head.split(' ')[1]), message };
  };
  const post = (path: string, headers = '') =>
    `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${headers}\r\n`;
  const get = (path: string, headers = '') => `GET ${path} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`;
  const alive = async () => expect(await pinged()).toBe(true);
  const pinged = async () => {
    const socket = await open();
    socket.write(get('/_ping'));
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    return chunk.toString().startsWith('HTTP/1.1 200 OK');
  };

  it.each([
    '/containers/create',
    '/networks/create',
    '/containers/x/exec',
    '/exec/abc/start',
    '/skep/v1/projects/x/up',
  ])('a body of 100 MB is refused before it is read: %s', async (path) => {
    const told = await answerTo(post(path, `Content-Length: ${100 << 20}\r\n`));
    expect(told).toEqual({ status: 400, message: expect.stringContaining('too large') as string });
  });

  it('a body in chunks is refused when it gets too large, though its end never comes', async () => {
    const before = process.memoryUsage().arrayBuffers;
    const chunk = Buffer.alloc(1 << 20, ' ');
    const chunks = Array.from({ length: 20 }, () => [`${chunk.length.toString(16)}\r\n`, chunk, '\r\n']).flat();
    const told = await answerTo(post('/containers/create', 'Transfer-Encoding: chunked\r\n'), ...chunks);
    expect(told).toMatchObject({ status: 400, message: expect.stringContaining('too large') as string });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 << 20);
  });

  it.each(['{', '[]', 'null', '"text"', '{"Image":', '['.repeat(100_000), '{"Image":5}'])(
    'a body %.20s',
    async (body) => {
      expect((await answerTo(post('/containers/create', `Content-Length: ${body.length}\r\n`), body)).status).toBe(400);
    },
  );

  it.each([
    ['no HTTP', '\x16\x03\x01 hello\r\n\r\n', 400],
    ['a NUL in the path', get('/containers/a\0b/json'), 400],
    ['headers of 300 KB', get('/_ping', `X: ${'y'.repeat(300_000)}\r\n`), 431],
    ['two lengths', post('/containers/create', 'Content-Length: 3\r\nTransfer-Encoding: chunked\r\n'), 400],
    ['a version of the future', get('/v1.99/containers/json'), 400],
    ['a version of the past', get('/v1.2/containers/json'), 400],
    ['a version and nothing', get('/v1.51'), 404],
    [
      'filters of 10,000 keys',
      get(`/networks?filters={${Array.from({ length: 10_000 }, (_, n) => `"k${n}":[]`)}}`),
      400,
    ],
    ['an upgrade of nothing', get('/nothing', 'Connection: Upgrade\r\nUpgrade: tcp\r\n'), 404],
  ])('%s', async (_what, bytes, status) => {
    expect((await answerTo(bytes)).status).toBe(status);
    await alive();
  });

  const names = ['..%2f..%2fetc', '%2e%2e', 'a%0ab', 'a%00b', 'a%2fb', '%20', 'x'.repeat(5000), 'a%3Fb', 'a%23'];
  it.each(names)('a container, command or network named %.20s', async (name) => {
    for (const path of [
      `containers/${name}/json`,
      `containers/${name}/logs?stdout=1`,
      `exec/${name}/json`,
      `networks/${name}`,
    ]) {
      expect([path, (await answerTo(get(`/${path}`))).status]).toEqual([path, 404]);
    }
  });

  it('hundreds of connections that say half a thing and fall silent leave the others served, and go', async () => {
    const half = [
      get('/_pi').slice(0, 8),
      post('/exec/a/start', 'Connection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 9\r\n'),
    ];
    const sockets = await Promise.all(Array.from({ length: 200 }, open));
    for (const [n, socket] of sockets.entries()) socket.write(half[n % 2]!);
    await alive();
    for (const socket of sockets) socket.destroy();
    await expect
      .poll(() => new Promise((resolve) => server.getConnections((_, n) => resolve(n))), { timeout: 10_000 })
      .toBe(0);
  });
});
