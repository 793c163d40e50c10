import { ServerResponse, type IncomingMessage, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { Readable, type Writable } from 'node:stream';
import { Inject, Injectable } from '@nestjs/common';
import { invalid, SkepError, unsupported } from '#lib/common';
import { ENGINE_VERSION, type Engine } from '#lib/engine';
import { rawAnswer } from '../../http/limits.js';
import { ENGINE } from '../../node/tokens.js';
import { answerTo, API_VERSION, speaks } from '#lib/http';
import { BODY_LIMIT, bodyOf, tooLarge } from '../../http/bodies.js';
import { notJson } from '../../http/json-body.js';
import { forward, type Forwarded } from './forward.js';
import { close, join, joinLater, noticeEnd, openRaw, replay } from './hijack.js';
import { jsonOf, pathOf, type Call, type Route } from './route.js';
import { MULTIPLEXED_STREAM, RAW_STREAM } from './stream-types.js';
import { RouteTable, type Match } from './route-table.js';
import { readBody } from './upgrade-head.js';

export const ROUTES = Symbol('ROUTES');

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
      else if (isStdin(request, match))
        await this.stream(request, response, await this.forwarded(request, match, undefined));
      else {
        const to = await this.forwarded(request, match, match.route.upload ? undefined : await bodyOf(request));
        if (to.route.hijack?.(to.call)) await this.stream(request, response, to);
        else await this.pass(request, response, to);
      }
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

  private async pass(request: IncomingMessage, response: ServerResponse, to: Forwarded): Promise<void> {
    await forward(request, response, to);
    to.route.ended?.(to.call);
  }

  /** A raw stream for a client that did not ask for an upgrade: it ends with the connection. */
  private async stream(request: IncomingMessage, response: ServerResponse, to: Forwarded): Promise<void> {
    const { before, engine: granted, withheld } = await this.open(to, response);
    response.shouldKeepAlive = false;
    response.useChunkedEncodingByDefault = false;
    response.writeHead(200, { 'Content-Type': RAW_STREAM });
    response.flushHeaders();
    if (before) await replay(before, response);
    const engine = granted ?? (await withheld);
    if (engine === undefined) {
      response.end();
      return;
    }
    response.on('close', () => engine.destroy());
    if (response.destroyed) engine.destroy();
    engine.on('error', () => response.destroy());
    const through = to.route.output?.(to.call);
    (through ? engine.pipe(through) : engine).pipe(response);
    if (to.body === undefined) request.pipe(engine);
  }

  private async upgrade(server: Server, request: IncomingMessage, client: Socket, head: Buffer): Promise<void> {
    const match = this.table.match(request.method ?? '', request.url ?? '');
    if (!match?.route.hijack) {
      serveWithoutUpgrade(server, request, client);
      return;
    }
    const to = await this.forwarded(request, match, await bodyToUpgrade(request, client, head));
    if (!to.route.hijack!(to.call)) {
      await this.pass(request, responseOn(client, request), to);
      return;
    }
    const { before, engine, withheld } = await this.open(to, client);
    client.on('close', () => engine?.destroy());
    noticeEnd(client);
    client.write(
      `HTTP/1.1 101 UPGRADED\r\nContent-Type: ${streamType(to)}\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n` +
        `Api-Version: ${API_VERSION}\r\nServer: skep\r\n\r\n`,
    );
    if (before) await replay(before, client).catch(() => client.destroy());
    if (client.destroyed) engine?.destroy();
    else if (engine) join(client, engine, to);
    else await joinLater(client, withheld, to);
  }

  /** The engine's side of a raw stream. When this rejects, nothing is open. */
  private async open(to: Forwarded, client: Writable): Promise<Opened> {
    const { before, over } = to;
    let engine: Socket | undefined;
    try {
      if (!over) engine = await openRaw(to);
    } catch (error) {
      const said = SkepError.is(error) ? to.route.said?.(error, to.call) : undefined;
      if (said) return { before: Readable.from([said]) };
      const again = async () => begun(await openRaw(to), to);
      const withheld = to.route.withheld?.(error as Error, to.call, again, endOf(client));
      if (!withheld) throw error;
      return { withheld };
    }
    if (engine) begun(engine, to);
    try {
      return { engine, before: await before?.(endOf(client)) };
    } catch (error) {
      engine?.destroy();
      throw error;
    }
  }

  private async forwarded(
    request: IncomingMessage,
    { route, params, query }: Match,
    body: Buffer | undefined,
  ): Promise<Forwarded> {
    const { originalUrl = request.url ?? '' } = request as { originalUrl?: string };
    const call: Call = { url: originalUrl, method: route.method, params, query, body: body ?? Buffer.alloc(0) };
    const refusal = call.body.length > 0 ? notJson(request.headers) : undefined;
    if (refusal) throw refusal;
    jsonOf(call);
    const asked = (await route.ask?.(call)) ?? { path: pathOf(route, params) };
    const { before, over = false } = asked;
    return {
      route,
      call,
      socketPath: this.engine.socketPath,
      path: ENGINE_VERSION + withQuery(asked.path, asked.query ?? query),
      before,
      over,
      body: asked.body === undefined ? body : jsonBytes(asked.body),
    };
  }
}

/** One of them, but for `before`, which comes first. */
interface Opened {
  before?: Readable;
  engine?: Socket;
  /** nothing comes until then, and nothing at all where it brings none */
  withheld?: Promise<Socket | undefined>;
}

function begun(engine: Socket, { route, call }: Forwarded): Socket {
  route.opened?.(call);
  return engine.once('close', () => route.ended?.(call));
}

function endOf(client: Writable): AbortSignal {
  const gone = new AbortController();
  if (client.destroyed) gone.abort();
  else client.once('close', () => gone.abort());
  return gone.signal;
}

/** What Docker calls the stream to clients that ask for an upgrade. */
const streamType = ({ route, call }: Forwarded): string =>
  route.framed?.(call) && speaks(call.url, '1.42') ? MULTIPLEXED_STREAM : RAW_STREAM;

function withQuery(path: string, query: URLSearchParams): string {
  return query.size === 0 ? path : `${path}?${query.toString()}`;
}

/** A body in chunks to a raw stream is what is to be written into it. */
function isStdin(request: IncomingMessage, { route }: Match): boolean {
  return route.hijack !== undefined && request.headers['transfer-encoding'] !== undefined;
}

async function bodyToUpgrade(request: IncomingMessage, client: Socket, head: Buffer): Promise<Buffer> {
  if (request.headers['transfer-encoding'] !== undefined) {
    throw invalid('a request that upgrades its connection needs a Content-Length');
  }
  const length = Number(request.headers['content-length'] ?? 0);
  if (length > BODY_LIMIT) throw tooLarge();
  return readBody(client, head, length, UPGRADE_BODY_MS);
}

function jsonBytes(value: unknown): Buffer {
  return value === null ? Buffer.alloc(0) : Buffer.from(JSON.stringify(value));
}

/** A client that would also take another protocol (h2c) is answered in the one that it speaks. */
function serveWithoutUpgrade(server: Server, request: IncomingMessage, socket: Socket): void {
  if (request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined) {
    throw unsupported(`${request.method} ${request.url?.slice(0, 200)}: this connection cannot be upgraded`);
  }
  server.emit('request', request, responseOn(socket, request));
}

/** An ordinary answer on a connection that Node has given up to us. */
function responseOn(socket: Socket, request: IncomingMessage): ServerResponse {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.on('finish', () => {
    response.detachSocket(socket);
    socket.end();
  });
  return response;
}

function refuse(socket: Socket, error: unknown): void {
  const { status, body } = answerTo(error);
  socket.write(rawAnswer(status, body));
  close(socket);
}
