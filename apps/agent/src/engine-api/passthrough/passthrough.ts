import { ServerResponse, type IncomingMessage, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { Inject, Injectable } from '@nestjs/common';
import { invalid, unsupported } from '#lib/common';
import type { Engine } from '#lib/engine';
import { API_VERSION, answerTo } from '#lib/http';
import { ENGINE } from '../../node/tokens.js';
import { BODY_LIMIT, bodyOf, tooLarge } from './bodies.js';
import { forward, type Forwarded } from './forward.js';
import { join, openRaw } from './hijack.js';
import { pathOf, type Call, type Route } from './route.js';
import { RouteTable, type Match } from './route-table.js';
import { readBody } from './upgrade-head.js';

export const ROUTES = Symbol('ROUTES');

/** What every engine speaks. */
const ENGINE_VERSION = '/v1.41';
/** A request whose connection is to be hijacked is a few lines. */
const UPGRADE_BODY_MS = 10_000;

/** Endpoints that the container engine answers: see README.md of this folder. */
@Injectable()
export class Passthrough {
  private readonly table: RouteTable;

  constructor(
    @Inject(ENGINE) private readonly engine: Engine,
    @Inject(ROUTES) routes: readonly Route[],
  ) {
    this.table = new RouteTable(routes);
  }

  /** Answers where one of the routes fits; else, or when that fails, the request is the next one's. */
  async offer(request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void): Promise<void> {
    try {
      const match = this.table.match(request.method ?? '', request.url ?? '');
      if (match === undefined) next();
      else if (match.route.hijack) await this.stream(request, response, match);
      else await this.pass(request, response, match);
    } catch (error) {
      next(error);
    }
  }

  /** Takes over connections that ask to be hijacked (`Upgrade: tcp`). */
  listen(server: Server): void {
    server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
      socket.on('error', () => socket.destroy());
      this.upgrade(server, request, socket, head).catch((error: unknown) => refuse(socket, error));
    });
  }

  private async pass(request: IncomingMessage, response: ServerResponse, match: Match): Promise<void> {
    const body = match.route.upload ? undefined : await bodyOf(request);
    await forward(request, response, await this.forwarded(match, body));
  }

  /** A raw stream for a client that did not ask for an upgrade: it ends with the connection. */
  private async stream(request: IncomingMessage, response: ServerResponse, match: Match): Promise<void> {
    const inChunks = request.headers['transfer-encoding'] !== undefined;
    const { socket, contentType } = await openRaw(
      await this.forwarded(match, inChunks ? undefined : await bodyOf(request)),
    );
    response.shouldKeepAlive = false;
    response.useChunkedEncodingByDefault = false;
    response.writeHead(200, { 'content-type': contentType });
    response.flushHeaders();
    response.on('close', () => socket.destroy());
    socket.on('error', () => response.destroy());
    socket.pipe(response);
    if (inChunks) request.pipe(socket);
  }

  private async upgrade(server: Server, request: IncomingMessage, client: Socket, head: Buffer): Promise<void> {
    const match = this.table.match(request.method ?? '', request.url ?? '');
    if (!match?.route.hijack) {
      serveWithoutUpgrade(server, request, client);
      return;
    }
    if (request.headers['transfer-encoding'] !== undefined) {
      throw invalid('a request that upgrades its connection needs a Content-Length');
    }
    const length = Number(request.headers['content-length'] ?? 0);
    if (length > BODY_LIMIT) throw tooLarge();
    const { body, rest } = await readBody(client, head, length, UPGRADE_BODY_MS);
    const { socket, contentType } = await openRaw(await this.forwarded(match, body));
    if (client.destroyed) {
      socket.destroy();
      return;
    }
    client.write(
      `HTTP/1.1 101 UPGRADED\r\nContent-Type: ${contentType}\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n` +
        `Api-Version: ${API_VERSION}\r\nServer: skep\r\n\r\n`,
    );
    if (rest.length > 0) client.unshift(rest);
    join(client, socket);
  }

  private async forwarded({ route, params, query }: Match, body: Buffer | undefined): Promise<Forwarded> {
    const call: Call = { method: route.method, params, query, body: body ?? Buffer.alloc(0) };
    const asked = (await route.ask?.(call)) ?? { path: pathOf(route, params) };
    const text = (asked.query ?? query).toString();
    return {
      route,
      call,
      socketPath: this.engine.socketPath,
      path: `${ENGINE_VERSION}${asked.path}${text === '' ? '' : `?${text}`}`,
      body: asked.body === undefined ? body : Buffer.from(JSON.stringify(asked.body)),
    };
  }
}

/** A client that would also take another protocol (h2c) is answered in the one that it speaks. */
function serveWithoutUpgrade(server: Server, request: IncomingMessage, socket: Socket): void {
  if (request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined) {
    throw unsupported(`${request.method} ${request.url?.slice(0, 200)}: this connection cannot be upgraded`);
  }
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.on('finish', () => {
    response.detachSocket(socket);
    socket.end();
  });
  server.emit('request', request, response);
}

function refuse(socket: Socket, error: unknown): void {
  const { status, body } = answerTo(error);
  const text = JSON.stringify(body);
  socket.end(
    `HTTP/1.1 ${status} ${status < 500 ? 'Refused' : 'Failed'}\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`,
  );
  // Closed when the client has closed, or takes too long for it.
  socket.resume();
  socket.setTimeout(5_000, () => socket.destroy());
}
