import { request as httpRequest, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { messageOf, notFound } from '#lib/common';
import type { Engine } from '#lib/engine';
import { ContainerDirectory } from '../containers/container-directory.js';
import { ContainersService } from '../containers/containers.service.js';
import { ENGINE } from '../node/tokens.js';

/** Engine API paths that are passed to the container engine byte by byte, with the container's id put in its place. */
const EXEC_OF = /^(?:\/v[\d.]+)?\/containers\/([^/?]+)\/exec$/;
const ATTACH = /^(?:\/v[\d.]+)?\/containers\/([^/?]+)\/attach(\?.*)?$/;
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
    private readonly directory: ContainerDirectory,
    private readonly containers: ContainersService,
  ) {}

  /** The path on the engine; undefined for paths that are not passed on. */
  async pathFor(url: string): Promise<string | undefined> {
    const attach = ATTACH.exec(url);
    if (attach) {
      const name = decodeURIComponent(attach[1]!);
      await this.containers.prepare(name);
      return `${ENGINE_VERSION}/containers/${this.directory.engineId(name)}/attach${attach[2] ?? ''}`;
    }
    const container = EXEC_OF.exec(url)?.[1];
    if (container !== undefined)
      return `${ENGINE_VERSION}/containers/${this.directory.engineId(decodeURIComponent(container))}/exec`;
    const exec = EXEC.exec(url)?.[1];
    return exec === undefined ? undefined : `${ENGINE_VERSION}${exec}`;
  }

  /** Passes the request on where its path is one of those; else, or when that fails, it is the next one's. */
  async offer(request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void): Promise<void> {
    try {
      const path = await this.pathFor(request.url ?? '');
      if (path === undefined) next();
      else this.forward(request, response, path);
    } catch (error) {
      next(error);
    }
  }

  private forward(request: IncomingMessage, response: ServerResponse, path: string): void {
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
      this.pathFor(request.url ?? '').then(
        (path) => {
          if (path === undefined) this.refuse(socket, notFound('page not found'));
          else this.join(request, socket, head, path);
        },
        (error: unknown) => this.refuse(socket, error),
      );
    });
  }

  private refuse(socket: Socket, error: unknown): void {
    const body = JSON.stringify({ message: messageOf(error), code: 'not_found' });
    socket.end(
      `HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    );
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
