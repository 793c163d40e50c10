import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { pipeline } from 'node:stream';
import { text } from 'node:stream/consumers';
import { Inject, Injectable } from '@nestjs/common';
import { codeOfStatus, SkepError, type ErrorCode, unavailable, waitFor } from '#lib/common';
import { NODE, type Node } from '../node/tokens.js';
import { SwarmMembership } from './membership.js';

/** What a manager answers; on other nodes, and outside a swarm, nobody does. */
const MANAGED = /^\/(swarm(\/(update|unlockkey|keys))?|(nodes|services|tasks|secrets|configs)(\/.*)?)(\?|$)/;

/** Milliseconds. */
const STARTING = 10_000;

/** Its own faults pass: with the next try, or when it is started again. */
const codeOf = (status: number): ErrorCode => codeOfStatus(status) ?? (status < 500 ? 'invalid' : 'unavailable');

const away = (error: Error) =>
  unavailable(
    `the manager of this node does not answer: ${error.message}; where it cannot start, the daemon's log says why`,
    error,
  );

/** Of `GET /swarm`. */
interface SwarmAnswer {
  ID: string;
  JoinTokens: { Manager: string };
}

/** The manager of this node, by its unix socket. */
@Injectable()
export class ManagerClient {
  constructor(
    @Inject(NODE) private readonly node: Node,
    private readonly membership: SwarmMembership,
  ) {}

  /** Passes swarm endpoints on, where this node is a manager; else the request is the next one's. */
  offer(request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void): void {
    if (this.membership.current?.role !== 'manager' || !MANAGED.test(request.url ?? '')) return next();
    void this.passOn(request, response, next);
  }

  /** A manager that starts, for the first time or again, is a moment away. */
  private async passOn(
    request: IncomingMessage,
    response: ServerResponse,
    next: (error?: unknown) => void,
  ): Promise<void> {
    try {
      const socket = await this.connected();
      if (response.destroyed) socket.destroy();
      else this.pass(request, response, next, socket);
    } catch (error) {
      next(away(error as Error));
    }
  }

  /** Bytes go through both ways as they come. */
  private pass(
    request: IncomingMessage,
    response: ServerResponse,
    next: (error?: unknown) => void,
    socket: Socket,
  ): void {
    const { method, url: path, headers } = request;
    const upstream = httpRequest({ createConnection: () => socket, method, path, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      response.flushHeaders();
      // An answer that ends too soon ends the client's, too.
      pipeline(answer, response, () => undefined);
    });
    upstream.on('error', (error) => {
      request.unpipe(upstream);
      if (response.headersSent) response.destroy();
      else next(away(error));
    });
    // A client that keeps its own connection has it say so to the manager's, which nobody would use again.
    response.on('close', () => {
      upstream.destroy();
      socket.destroy();
    });
    request.pipe(upstream);
  }

  /**
   * One JSON request of the agent's own.
   *
   * @throws {SkepError} what the manager refuses it with; `unavailable`: the manager is away, or went in mid-answer
   */
  async json<T>(method: string, path: string, body?: unknown): Promise<T> {
    const [status, said] = await this.ask(method, path, body === undefined ? '' : JSON.stringify(body)).catch(
      (error) => {
        throw away(error as Error);
      },
    );
    const answer = said === '' ? undefined : (JSON.parse(said) as unknown);
    if (status >= 400) throw new SkepError(codeOf(status), (answer as { message: string }).message);
    return answer as T;
  }

  private async ask(method: string, path: string, body: string): Promise<[status: number, said: string]> {
    const headers = body && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const options = { socketPath: this.node.config.managerSocket, method, path, agent: false as const };
    const call = httpRequest({ ...options, ...(headers && { headers }) }).end(body);
    const [answer] = (await once(call, 'response')) as [IncomingMessage];
    call.on('error', () => undefined); // the answer tells it, too
    return [answer.statusCode!, await text(answer)];
  }

  /**
   * A text that the manager goes on with for as long as both are there.
   *
   * @throws {SkepError} `unavailable`: the manager is away; in mid-text the stream itself fails
   */
  async follow(path: string, signal: AbortSignal): Promise<AsyncIterable<string>> {
    const options = { socketPath: this.node.config.managerSocket, path, agent: false as const, signal };
    const call = httpRequest(options).end();
    const [answer] = (await once(call, 'response').catch((error) => {
      throw away(error as Error);
    })) as [IncomingMessage];
    call.on('error', () => undefined); // the answer tells it, too
    if (answer.statusCode !== 200) {
      answer.destroy();
      throw away(new Error(`status ${answer.statusCode}`));
    }
    return answer.setEncoding('utf8') as AsyncIterable<string>;
  }

  /** To the manager, as soon as it listens. */
  private connected(): Promise<Socket> {
    const attempt = () =>
      new Promise<Socket | undefined>((resolve) => {
        const socket = connect(this.node.config.managerSocket, () => resolve(socket));
        socket.once('error', () => resolve(undefined));
      });
    return waitFor(attempt, { ms: STARTING, every: 30, what: 'the manager to listen' });
  }

  /** Resolves when the manager answers, as this cluster's: the one of a cluster that was left may take a while to end. */
  async ready(clusterId: string | undefined, left: AbortSignal): Promise<SwarmAnswer> {
    return waitFor(
      async () => {
        left.throwIfAborted();
        const swarm = await this.json<SwarmAnswer>('GET', '/swarm').catch(() => undefined);
        return swarm && (clusterId === undefined || swarm.ID === clusterId) && swarm;
      },
      { ms: 30_000, every: 30, what: 'the manager of this node to start' },
    );
  }
}
