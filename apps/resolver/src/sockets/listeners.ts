import { closeSync } from 'node:fs';
import { SkepError } from '#lib/common';
import { netnsIdentity, openDnsSockets } from './dns-sockets.js';
import { MAX_ASKERS } from './messages.js';
import { TcpServer } from './tcp-server.js';

/** The open sockets of one sandbox. */
export interface Listener {
  sandboxId: string;
  /** its number in the worker */
  token: number;
  udp: number;
  netns: string;
  tcp: TcpServer;
}

/** The sockets of all sandboxes. The main thread opens and closes them; the worker only uses those of UDP. */
export class Listeners {
  readonly #bySandbox = new Map<string, Listener>();
  readonly #byToken = new Map<number, Listener>();
  readonly #free: number[] = [];

  constructor(
    private readonly respondTcp: (sandboxId: string, packet: Uint8Array) => Promise<Uint8Array | undefined>,
  ) {}

  get ids(): string[] {
    return [...this.#bySandbox.keys()];
  }

  get(sandboxId: string): Listener | undefined {
    return this.#bySandbox.get(sandboxId);
  }

  byToken(token: number): Listener | undefined {
    return this.#byToken.get(token);
  }

  /** Does it listen in the namespace that is at `path` now? */
  isCurrent(sandboxId: string, path: string): boolean {
    return this.#bySandbox.get(sandboxId)?.netns === netnsIdentity(path);
  }

  /** @throws SkepError when the namespace is not there or its port is taken; then nothing is open */
  open(sandboxId: string, path: string): Listener {
    const token = this.#free.pop() ?? this.#byToken.size;
    if (token >= MAX_ASKERS) throw new SkepError('exhausted', `${MAX_ASKERS} containers have sockets: no more fit`);
    try {
      const { udp, tcp, netns } = openDnsSockets(path);
      const server = new TcpServer(tcp, (packet) => this.respondTcp(sandboxId, packet));
      const listener: Listener = { sandboxId, token, udp, netns, tcp: server };
      this.#bySandbox.set(sandboxId, listener);
      this.#byToken.set(token, listener);
      return listener;
    } catch (error) {
      this.#free.push(token);
      throw error;
    }
  }

  /** Only when the worker has let go of it. */
  async close(listener: Listener): Promise<void> {
    if (this.#bySandbox.get(listener.sandboxId) === listener) this.#bySandbox.delete(listener.sandboxId);
    this.#byToken.delete(listener.token);
    this.#free.push(listener.token);
    closeSync(listener.udp);
    await listener.tcp.close();
  }
}
