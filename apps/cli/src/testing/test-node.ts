import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Duplex } from 'node:stream';

export interface Seen {
  method: string;
  path: string;
  body: string;
}

type Answer = (request: Seen, response: ServerResponse) => void | Promise<void>;
type Upgrade = (request: Seen, socket: Duplex) => void;

/** An HTTP server on a unix socket of its own that answers `METHOD /path` (without the query) as a test says. */
export class TestNode {
  readonly seen: Seen[] = [];
  private readonly directory = mkdtempSync(join(tmpdir(), 'skep-cli-'));
  readonly socketPath = join(this.directory, 'node.sock');
  private readonly server: Server;

  private constructor(answers: Record<string, Answer>, upgrades: Record<string, Upgrade>) {
    this.server = createServer(async (incoming, response) => {
      const request = await this.note(incoming, await text(incoming));
      const answer = answers[keyOf(request)];
      if (answer) return answer(request, response);
      response.writeHead(404, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify({ message: 'page not found' }));
    });
    this.server.on('upgrade', async (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
      const length = Number(incoming.headers['content-length'] ?? 0);
      let body = head;
      while (body.length < length) body = Buffer.concat([body, await nextChunk(socket)]);
      if (body.length > length) socket.unshift(body.subarray(length));
      const request = await this.note(incoming, body.subarray(0, length).toString());
      socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n');
      upgrades[keyOf(request)]?.(request, socket);
    });
  }

  static async start(answers: Record<string, Answer>, upgrades: Record<string, Upgrade> = {}): Promise<TestNode> {
    const node = new TestNode(answers, upgrades);
    await new Promise<void>((resolve) => node.server.listen(node.socketPath, resolve));
    return node;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
    rmSync(this.directory, { recursive: true });
  }

  private async note(incoming: IncomingMessage, body: string): Promise<Seen> {
    const request = { method: incoming.method ?? '', path: incoming.url ?? '', body };
    this.seen.push(request);
    return request;
  }
}

const keyOf = ({ method, path }: Seen) => `${method} ${path.split('?')[0]}`;

const nextChunk = (socket: Duplex) => new Promise<Buffer>((resolve) => socket.once('data', resolve));

export const json =
  (value: unknown, status = 200): Answer =>
  (_request, response) => {
    response.writeHead(status, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(value));
  };

export const lines =
  (...values: unknown[]): Answer =>
  (_request, response) => {
    response.end(values.map((value) => `${JSON.stringify(value)}\n`).join(''));
  };
