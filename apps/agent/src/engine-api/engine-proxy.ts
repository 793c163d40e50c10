import { request as httpRequest, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { notFound } from '#lib/common';
import type { Engine } from '#lib/engine';
import type { Store } from '#lib/store';
import { ENGINE, STORE } from '../node/tokens.js';
import { World } from '../reconciler/world.js';

/** Engine API paths that are passed to the container engine byte by byte, with the container's id put in its place. */
const EXEC_OF = /^(?:\/v[\d.]+)?\/containers\/([^/?]+)\/exec$/;
const EXEC = /^(?:\/v[\d.]+)?(\/exec\/[^/?]+\/(?:start|resize|json)(?:\?.*)?)$/;

/** What every engine speaks. */
const ENGINE_VERSION = '/v1.41';

/**
 * `exec` is the engine's own work: only the container's name is ours. Hijacked connections are joined to the engine's
 * as they are, so that half-close and frames pass unchanged.
 */
@Injectable()
export class EngineProxy {
  private readonly log = new Logger('engine-api');

  constructor(
    @Inject(ENGINE) private readonly engine: Engine,
    @Inject(STORE) private readonly store: Store,
    private readonly world: World,
  ) {}

  /** The path on the engine; undefined for paths that are not passed on. */
  pathFor(url: string): string | undefined {
    const container = EXEC_OF.exec(url)?.[1];
    if (container !== undefined)
      return `${ENGINE_VERSION}/containers/${this.engineId(decodeURIComponent(container))}/exec`;
    const exec = EXEC.exec(url)?.[1];
    return exec === undefined ? undefined : `${ENGINE_VERSION}${exec}`;
  }

  forward(request: IncomingMessage, response: ServerResponse, path: string): void {
    const { method, headers } = request;
    // A kept connection may have been closed by the engine meanwhile, and a body cannot be sent twice.
    const options = { socketPath: this.engine.socketPath, path, method, headers, agent: false as const };
    const upstream = httpRequest(options, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    upstream.on('error', (error) => {
      if (!response.headersSent) response.writeHead(503, { 'Content-Type': 'application/json' });
      response.end(
        JSON.stringify({ message: `the container engine does not answer: ${error.message}`, code: 'unavailable' }),
      );
    });
    // The body goes in one piece: an engine that has answered may close before a last empty write arrives.
    void collect(request).then(
      (body) => upstream.end(body),
      (error: Error) => upstream.destroy(error),
    );
  }

  /** Takes over connections that ask to be hijacked (`Upgrade: tcp`). */
  listen(server: Server): void {
    server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
      try {
        const path = this.pathFor(request.url ?? '');
        if (path === undefined) throw notFound('page not found');
        this.join(request, socket, head, path);
      } catch (error) {
        const body = JSON.stringify({ message: (error as Error).message, code: 'not_found' });
        socket.end(
          `HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
        );
      }
    });
  }

  private join(request: IncomingMessage, socket: Socket, head: Buffer, path: string): void {
    const upstream = connect({ path: this.engine.socketPath, allowHalfOpen: true });
    const headers = [];
    for (let at = 0; at < request.rawHeaders.length; at += 2) {
      headers.push(`${request.rawHeaders[at]}: ${request.rawHeaders[at + 1]}\r\n`);
    }
    upstream.write(`${request.method} ${path} HTTP/1.1\r\n${headers.join('')}\r\n`);
    upstream.write(head);
    socket.pipe(upstream);
    upstream.pipe(socket);
    const end = (error?: Error) => {
      if (error) this.log.debug(`a hijacked connection ended: ${error.message}`);
      socket.destroy();
      upstream.destroy();
    };
    socket.on('error', end);
    upstream.on('error', end);
    socket.on('close', () => upstream.destroy());
    upstream.on('close', () => socket.end());
  }

  private engineId(idOrName: string): string {
    const containers = this.store.list('container').filter((each) => each.target !== 'removed');
    const found =
      containers.find((each) => each.id === idOrName || each.name === idOrName) ??
      containers.find((each) => each.id.startsWith(idOrName));
    const engineId = found && this.world.container(found.id)?.engineId;
    if (engineId === undefined) throw notFound(`No such container: ${idOrName}`);
    return engineId;
  }
}

/** Bodies of the paths that are passed on are small; a larger one is refused. */
const BODY_LIMIT = 1 << 20;

async function collect(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request) {
    length += (part as Buffer).length;
    if (length > BODY_LIMIT) throw new Error(`the request's body is larger than ${BODY_LIMIT} bytes`);
    parts.push(part as Buffer);
  }
  return Buffer.concat(parts);
}
