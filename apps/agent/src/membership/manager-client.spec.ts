import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, request, type RequestListener, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Node } from '../node/tokens.js';
import { ManagerClient } from './manager-client.js';
import type { SwarmMembership } from './membership.js';

describe("the manager's socket", () => {
  let folder: string;
  let managerSocket: string;
  let client: ManagerClient;
  const servers: Server[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'skep-manager-client-'));
    managerSocket = join(folder, 'manager.sock');
    const node = { config: { managerSocket } } as Node;
    client = new ManagerClient(node, { current: { role: 'manager' } } as SwarmMembership);
  });
  afterEach(async () => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    }
    rmSync(folder, { recursive: true });
  });

  const serve = async (where: string | number, listener: RequestListener) => {
    const server = createServer(listener);
    servers.push(server);
    await new Promise<void>((listening) => server.listen(where, listening));
    return server;
  };
  /** Half of an answer, and then the end of the connection. */
  const diesMidway: RequestListener = (asked, answer) => {
    answer.writeHead(200, { 'content-length': 100 }).write('{"ID":');
    setTimeout(() => asked.socket.destroy(), 20);
  };

  it('is asked in JSON', async () => {
    await serve(managerSocket, async (asked, answer) => {
      answer.end(JSON.stringify({ asked: `${asked.method} ${asked.url} ${await text(asked)}` }));
    });
    await expect(client.json('POST', '/nodes', { a: 1 })).resolves.toEqual({ asked: 'POST /nodes {"a":1}' });
  });

  it('refuses in the words of the manager', async () => {
    await serve(managerSocket, (_asked, answer) => void answer.writeHead(409).end('{"message":"in use"}'));
    await expect(client.json('GET', '/nodes')).rejects.toMatchObject({ code: 'conflict', message: 'in use' });
  });

  it.each(['nobody listens', 'it dies midway'])('says that the manager is away, when %s', async (what) => {
    if (what === 'it dies midway') await serve(managerSocket, diesMidway);
    await expect(client.json('GET', '/nodes')).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(
        /^the manager of this node does not answer: .*the daemon's log says why$/,
      ) as string,
    });
  });

  it("ends the client's answer when its own ends too soon", async () => {
    await serve(managerSocket, diesMidway);
    const front = await serve(0, (asked, answer) => client.offer(asked, answer, () => answer.destroy()));
    const { port } = front.address() as AddressInfo;
    const said = new Promise<string>((resolve, reject) =>
      request({ port, path: '/services' }, (answer) => text(answer).then(resolve, reject)).end(),
    );
    await expect(said).rejects.toThrow('aborted');
  });

  it('gets the request of a client once it listens, with the body', async () => {
    const front = await serve(0, (asked, answer) => client.offer(asked, answer, () => answer.destroy()));
    const { port } = front.address() as AddressInfo;
    const said = new Promise<string>((resolve, reject) =>
      request({ port, method: 'POST', path: '/services/create' }, (answer) => text(answer).then(resolve, reject)).end(
        '{}',
      ),
    );
    await new Promise((waited) => setTimeout(waited, 50));
    let connections = 0;
    const manager = await serve(managerSocket, async (asked, answer) => {
      answer.end(`${asked.method} ${asked.url} ${await text(asked)}`);
    });
    manager.on('connection', () => (connections += 1));
    await expect(said).resolves.toBe('POST /services/create {}');
    expect(connections).toBe(1);
  });

  it('is not troubled for a client that has gone', async () => {
    let gone: Promise<unknown> | undefined;
    const front = await serve(0, (asked, answer) => {
      gone = once(answer, 'close');
      client.offer(asked, answer, () => undefined);
    });
    const { port } = front.address() as AddressInfo;
    const impatient = request({ port, path: '/services' }).on('error', () => undefined);
    impatient.end();
    await once(front, 'request');
    impatient.destroy();
    await gone;
    let asked = 0;
    const manager = await serve(managerSocket, () => (asked += 1));
    await once(manager, 'connection');
    await new Promise((waited) => setTimeout(waited, 50));
    expect(asked).toBe(0);
  });
});
