import { createServer, type Server, type Socket } from 'node:net';

export interface TcpLimits {
  /** connections of one container at a time; more are closed */
  connections: number;
  /** a connection without a question for so long is closed */
  idleMs: number;
  /** questions of one connection that are answered at the same time; further ones wait in the kernel */
  pipelined: number;
}

export const TCP_LIMITS: TcpLimits = { connections: 32, idleMs: 10_000, pipelined: 16 };

/** @returns undefined: no answer, and the connection ends */
type Respond = (packet: Uint8Array) => Promise<Uint8Array | undefined>;

/** DNS over TCP (RFC 7766) on a socket that listens already. Answers go out as they are ready, in any order. */
export class TcpServer {
  readonly #server: Server;
  readonly #connections = new Set<Socket>();

  /** The server owns `fd` from here on. */
  constructor(fd: number, respond: Respond, limits = TCP_LIMITS) {
    this.#server = createServer((socket) => {
      this.#connections.add(socket);
      socket.on('close', () => this.#connections.delete(socket));
      new Connection(socket, respond, limits).serve();
    });
    this.#server.maxConnections = limits.connections;
    this.#server.on('error', () => {});
    this.#server.listen({ fd });
  }

  /** At once: an open socket would keep the container's namespace alive. */
  close(): Promise<void> {
    for (const socket of this.#connections) socket.destroy();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}

class Connection {
  #received: Buffer = Buffer.alloc(0);
  #underWay = 0;

  constructor(
    private readonly socket: Socket,
    private readonly respond: Respond,
    private readonly limits: TcpLimits,
  ) {}

  serve(): void {
    const { socket, limits } = this;
    socket.setNoDelay(true);
    socket.setTimeout(limits.idleMs, () => socket.destroy());
    socket.on('error', () => socket.destroy());
    socket.on('data', (bytes: Buffer) => {
      this.#received = this.#received.length > 0 ? Buffer.concat([this.#received, bytes]) : bytes;
      this.#work();
    });
    socket.on('drain', () => this.#work());
  }

  #work(): void {
    while (!this.#full() && this.#received.length >= 2) {
      const end = 2 + this.#received.readUInt16BE(0);
      if (this.#received.length < end) break;
      const packet = Uint8Array.from(this.#received.subarray(2, end));
      this.#received = this.#received.subarray(end);
      this.#underWay++;
      void this.#answer(packet);
    }
    if (this.#full()) this.socket.pause();
    else this.socket.resume();
  }

  async #answer(packet: Uint8Array): Promise<void> {
    const answer = await this.respond(packet).catch(() => undefined);
    this.#underWay--;
    if (this.socket.destroyed) return;
    if (!answer) {
      this.socket.destroy();
      return;
    }
    const message = Buffer.allocUnsafe(2 + answer.length);
    message.writeUInt16BE(answer.length);
    message.set(answer, 2);
    this.socket.write(message);
    this.#work();
  }

  /** A client that asks and does not read must not fill our memory. */
  #full(): boolean {
    return this.#underWay >= this.limits.pipelined || this.socket.writableNeedDrain;
  }
}
