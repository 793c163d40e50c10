import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { setMaxListeners } from 'node:events';
import { closeSync } from 'node:fs';
import { Socket as TcpSocket } from 'node:net';
import { notFound } from '#lib/common';
import type { Sandbox } from '#lib/contracts';
import { AF_INET, AF_INET6, SOCK_CLOEXEC, SOCK_DGRAM, SOCK_NONBLOCK, SOCK_STREAM, checked, libc } from './libc.js';
import { inNetns } from './netns.js';

/** Where other servers are asked from. The same address may be another server elsewhere. */
export interface Place {
  /** the same for the same place on the same networks; empty: the node */
  readonly id: string;
  /** after a server's address, for people */
  readonly words: string;
  /** aborted when nothing may be open there any more; absent: never */
  readonly left?: AbortSignal;
  /** A socket that is neither bound to an address nor connected. @throws SkepError */
  udp(family: Family): UdpSocket;
  /** The same for TCP. */
  tcp(family: Family): TcpSocket;
}

type Family = 4 | 6;

export const THE_NODE: Place = {
  id: '',
  words: '',
  udp: (family) => createSocket(family === 6 ? 'udp6' : 'udp4'),
  tcp: () => new TcpSocket(),
};

/** The namespaces of sandboxes, as places to ask from. */
export class Places {
  readonly #leaving = new Map<string, AbortController>();

  constructor(private readonly sandboxes: ReadonlyMap<string, Pick<Sandbox, 'id' | 'netnsPath' | 'attachments'>>) {}

  of(sandboxId: string): Place {
    const sandbox = this.sandboxes.get(sandboxId);
    if (!sandbox) throw notFound(`the resolver knows no container ${sandboxId}`);
    let leaving = this.#leaving.get(sandboxId);
    if (!leaving) {
      this.#leaving.set(sandboxId, (leaving = new AbortController()));
      // As many as there are questions under way.
      setMaxListeners(0, leaving.signal);
    }
    const networks = sandbox.attachments.map(({ networkId }) => networkId);
    return {
      id: [sandboxId, ...networks].join(' '),
      words: ' (asked from the container)',
      left: leaving.signal,
      udp: (family) => udpIn(sandbox.netnsPath, family),
      tcp: (family) => tcpIn(sandbox.netnsPath, family),
    };
  }

  /** Ends what is under way in its namespace: open sockets would keep that alive. */
  leave(sandboxId: string): void {
    this.#leaving.get(sandboxId)?.abort();
    this.#leaving.delete(sandboxId);
  }
}

function udpIn(netnsPath: string, family: Family): UdpSocket {
  return withDescriptor(netnsPath, family, SOCK_DGRAM, (fd) => {
    const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
    // With a descriptor nothing is bound: the socket is taken as it is.
    return socket.bind({ fd, exclusive: true });
  });
}

function tcpIn(netnsPath: string, family: Family): TcpSocket {
  return withDescriptor(netnsPath, family, SOCK_STREAM, (fd) => new TcpSocket({ fd }));
}

/** @param take from then on the descriptor is the socket's, which closes it */
function withDescriptor<T>(netnsPath: string, family: Family, type: number, take: (fd: number) => T): T {
  const domain = family === 6 ? AF_INET6 : AF_INET;
  const fd = inNetns(netnsPath, () =>
    checked(libc.socket(domain, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), `opening a socket in ${netnsPath}`),
  );
  try {
    return take(fd);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}
