import { createServer } from 'node:net';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { json, lines, TestNode } from '../testing/test-node.js';
import { daemonAddress, parseAddress } from './address.js';
import { NodeClient } from './node-client.js';

const at = (socketPath: string) => new NodeClient(parseAddress(socketPath, 'test'));

async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const values: T[] = [];
  for await (const value of stream) values.push(value);
  return values;
}

describe('NodeClient', () => {
  it('asks for what the API says, and names are encoded', async () => {
    await using node = await TestNode.start({
      'GET /skep/v1/projects/a%2Fb/containers': json([]),
      'GET /skep/v1/projects/p/logs': lines({ line: 'one' }, { line: 'two' }),
      'DELETE /skep/v1/networks/front': (_, response) => void response.writeHead(204).end(),
      'GET /skep/v1/dns/lookup': json({ rcode: 'NOERROR' }),
    });
    const client = at(node.socketPath);
    expect(await client.containers('a/b', { all: true })).toEqual([]);
    expect(await all(client.logs('p', { follow: true, tail: 0, services: ['web', 'db'] }))).toHaveLength(2);
    await client.removeNetwork('front');
    await client.lookup({ name: 'db', from: 'p-web-1', type: 'A' });
    expect(node.seen.map(({ path }) => path)).toEqual([
      '/skep/v1/projects/a%2Fb/containers?all=1',
      '/skep/v1/projects/p/logs?follow=1&tail=0&service=web&service=db',
      '/skep/v1/networks/front',
      '/skep/v1/dns/lookup?name=db&from=p-web-1&type=A',
    ]);
  });

  it('gives events as they come, not when the answer ends', async () => {
    let finish = () => {};
    await using node = await TestNode.start({
      'POST /skep/v1/projects/p/down': (_, response) => {
        response.write('{"type":"warning","mess');
        response.write('age":"first"}\n');
        finish = () => response.end('{"type":"result","ok":true}\n');
      },
    });
    const events = at(node.socketPath).down('p', { volumes: false })[Symbol.asyncIterator]();
    expect((await events.next()).value).toEqual({ type: 'warning', message: 'first' });
    finish();
    expect((await events.next()).value).toEqual({ type: 'result', ok: true });
    expect((await events.next()).done).toBe(true);
  });

  it("turns an error's body into the error", async () => {
    const message = 'network front has active endpoints';
    await using node = await TestNode.start({
      'DELETE /skep/v1/networks/front': json({ message, code: 'forbidden' }, 403),
      'GET /skep/v1/networks/gone': json({ message: 'network gone not found' }, 404),
    });
    const client = at(node.socketPath);
    await expect(client.removeNetwork('front')).rejects.toMatchObject({ code: 'forbidden', message });
    await expect(client.network('gone')).rejects.toMatchObject({
      code: 'not_found',
      message: 'network gone not found',
    });
  });

  it('says that somebody else answers', async () => {
    await using node = await TestNode.start({ 'GET /skep/v1/info': (_, response) => void response.end('<html>') });
    const client = at(node.socketPath);
    await expect(client.projects()).rejects.toThrow(/does not answer as a skep daemon does \(HTTP 404 for .*--host/);
    await expect(client.info()).rejects.toThrow(/does not answer as a skep daemon/);
  });

  it('says how to start a daemon that is not there', async () => {
    await expect(at('/nonexistent/x.sock').info()).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/unix:\/\/\/nonexistent\/x.sock .*skep daemon.*--host/),
    });
  });

  it('says that the daemon went away in the middle of an answer', async () => {
    await using node = await TestNode.start({
      'POST /skep/v1/projects/p/down': (_, response) => {
        response.write('{"type":"warning","message":"x"}\n', () => response.destroy());
      },
    });
    const down = at(node.socketPath).down('p', { volumes: false });
    await expect(all(down)).rejects.toThrow(/went away/);
  });

  it('sends a tar as it is, and a refusal before its end is what is reported', async () => {
    await using node = await TestNode.start({ 'POST /skep/v1/images/import': json({ id: 'sha256:1' }) });
    expect(await at(node.socketPath).importImage(Readable.from(['tar', 'ball']), 'a:1')).toEqual({ id: 'sha256:1' });
    expect(node.seen[0]).toMatchObject({ path: '/skep/v1/images/import?name=a%3A1', body: 'tarball' });

    const body = JSON.stringify({ message: 'not a tar', code: 'invalid' });
    const early = createServer((socket) => {
      socket.once('data', () =>
        socket.end(`HTTP/1.1 400 Bad Request\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`),
      );
      socket.on('error', () => {});
    });
    const path = `${node.socketPath}.early`;
    await new Promise<void>((resolve) => early.listen(path, resolve));
    const endless = Readable.from(
      (async function* () {
        for (;;) {
          yield Buffer.alloc(65_536);
          await new Promise((resolve) => setImmediate(resolve));
        }
      })(),
    );
    try {
      await expect(at(path).importImage(endless, 'a:1')).rejects.toMatchObject({
        code: 'invalid',
        message: 'not a tar',
      });
    } finally {
      endless.destroy();
      early.close();
    }
  });
});

describe('daemonAddress', () => {
  it('prefers the option, then SKEP_HOST, then DOCKER_HOST', () => {
    const env = { SKEP_HOST: 'unix:///s', DOCKER_HOST: 'tcp://10.0.0.1:2375' };
    expect(daemonAddress('/o', env)).toEqual({ text: 'unix:///o', socketPath: '/o' });
    expect(daemonAddress(undefined, env)).toMatchObject({ socketPath: '/s' });
    expect(daemonAddress(undefined, { DOCKER_HOST: env.DOCKER_HOST })).toMatchObject({ host: '10.0.0.1', port: 2375 });
    expect(daemonAddress(undefined, {})).toMatchObject({ socketPath: '/run/skep/docker.sock' });
    expect(parseAddress('tcp://[::1]:80', 'x')).toMatchObject({ host: '::1', port: 80 });
  });

  it.each(['unix://relative', 'tcp://host', 'tcp://host:0', 'tcp://host:70000', 'ssh://host', 'nonsense'])(
    'refuses %s and says what is accepted',
    (text) => expect(() => parseAddress(text, '--host')).toThrow(/--host: .* write unix:/),
  );
});
