import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { text as textOf } from 'node:stream/consumers';
import { unavailable } from '#lib/common';
import type {
  ContainerView,
  DownRequest,
  LogEvent,
  LookupView,
  NetworkPlanView,
  NetworkView,
  RescanView,
  NodeInfo,
  ProgressEvent,
  ProjectView,
  StopRequest,
  TraceView,
  UpRequest,
} from '#lib/contracts';
import type { Address } from './address.js';
import { ndjson } from './ndjson.js';
import { asUnreachable, type Send, send } from './transport.js';

export interface LogQuery {
  follow?: boolean;
  tail?: number;
  /** seconds since the epoch, or how long ago by the node's own clock: `1.5s` */
  since?: number | string;
  services?: readonly string[];
}

const seg = encodeURIComponent;

/** The node's own API (libs/contracts, node-api.ts), a method for each row of its table. */
export class NodeClient {
  constructor(readonly address: Address) {}

  async ping(signal?: AbortSignal): Promise<void> {
    await this.text({ method: 'GET', path: '/_ping', signal });
  }

  info(): Promise<NodeInfo> {
    return this.json({ method: 'GET', path: '/skep/v1/info' });
  }

  projects(): Promise<ProjectView[]> {
    return this.json({ method: 'GET', path: '/skep/v1/projects' });
  }

  up(project: string, body: UpRequest, signal?: AbortSignal): AsyncIterable<ProgressEvent> {
    return this.stream({ method: 'POST', path: `/skep/v1/projects/${seg(project)}/up`, body, signal });
  }

  down(project: string, body: DownRequest): AsyncIterable<ProgressEvent> {
    return this.stream({ method: 'POST', path: `/skep/v1/projects/${seg(project)}/down`, body });
  }

  stop(project: string, body: StopRequest, signal?: AbortSignal): AsyncIterable<ProgressEvent> {
    return this.stream({ method: 'POST', path: `/skep/v1/projects/${seg(project)}/stop`, body, signal });
  }

  containers(project: string, options: { all: boolean }): Promise<ContainerView[]> {
    const path = `/skep/v1/projects/${seg(project)}/containers${options.all ? '?all=1' : ''}`;
    return this.json({ method: 'GET', path });
  }

  logs(project: string, query: LogQuery, signal?: AbortSignal): AsyncIterable<LogEvent> {
    const search = new URLSearchParams();
    if (query.follow) search.set('follow', '1');
    if (query.tail !== undefined) search.set('tail', String(query.tail));
    if (query.since !== undefined) search.set('since', String(query.since));
    for (const service of query.services ?? []) search.append('service', service);
    return this.stream({ method: 'GET', path: `/skep/v1/projects/${seg(project)}/logs?${search}`, signal });
  }

  networks(): Promise<NetworkView[]> {
    return this.json({ method: 'GET', path: '/skep/v1/networks' });
  }

  network(name: string): Promise<NetworkView> {
    return this.json({ method: 'GET', path: `/skep/v1/networks/${seg(name)}` });
  }

  /** @param body as of the Docker Engine API's POST /networks/create */
  planNetwork(body: object): Promise<NetworkPlanView> {
    return this.json({ method: 'POST', path: '/skep/v1/networks/plan', body });
  }

  rescanNetworks(): Promise<RescanView> {
    return this.json({ method: 'POST', path: '/skep/v1/networks/rescan' });
  }

  /** On a manager: the nodes of encrypted networks get other keys. */
  async rotateKeys(): Promise<void> {
    await this.text({ method: 'POST', path: '/swarm/keys' });
  }

  async removeNetwork(name: string): Promise<void> {
    await this.text({ method: 'DELETE', path: `/skep/v1/networks/${seg(name)}` });
  }

  importImage(tar: Readable, name: string): Promise<{ id: string }> {
    return this.json({ method: 'POST', path: `/skep/v1/images/import?name=${seg(name)}`, stream: tar });
  }

  lookup(query: { name: string; from: string; type: string }): Promise<LookupView> {
    return this.json({ method: 'GET', path: `/skep/v1/dns/lookup?${new URLSearchParams(query)}` });
  }

  trace(query: { from: string; to: string; port: string; protocol: string }): Promise<TraceView> {
    return this.json({ method: 'GET', path: `/skep/v1/trace?${new URLSearchParams(query)}` });
  }

  /** Any request of the Docker Engine API that answers with JSON. */
  async json<T>(options: Send): Promise<T> {
    const text = await this.text(options);
    try {
      return JSON.parse(text) as T;
    } catch (error) {
      throw unavailable(
        `${this.address.text} does not answer as a skep daemon does: ${options.path} is not JSON`,
        error,
      );
    }
  }

  async text(options: Send): Promise<string> {
    const answer = await send(this.address, options);
    return this.reading(answer, () => textOf(answer));
  }

  private async *stream<T>(options: Send): AsyncGenerator<T> {
    const answer = await send(this.address, options);
    try {
      yield* ndjson<T>(answer);
    } catch (error) {
      throw asUnreachable(error, this.address);
    } finally {
      answer.destroy();
    }
  }

  private async reading<T>(answer: IncomingMessage, read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      throw asUnreachable(error, this.address);
    } finally {
      answer.destroy();
    }
  }
}
