import { closeSync, statSync } from 'node:fs';
import { RESOLVER } from '#lib/contracts';
import { inNetns } from './netns.js';
import {
  AF_INET,
  IPPROTO_IP,
  IP_FREEBIND,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
  SO_REUSEADDR,
  checked,
  libc,
} from './libc.js';

/** Open sockets inside a network namespace. They keep it alive: whoever has them closes them. */
export interface DnsSockets {
  udp: number;
  tcp: number;
  /** which namespace it is; the same path may lead to another one later */
  netns: string;
}

const BACKLOG = 64;
const AT = `${RESOLVER.address}:${RESOLVER.port}`;

/** Binds `RESOLVER` inside the namespace at `path`. All or nothing. */
export function openDnsSockets(path: string): DnsSockets {
  const netns = netnsIdentity(path);
  return inNetns(path, () => {
    const udp = boundSocket(SOCK_DGRAM, path);
    try {
      const tcp = boundSocket(SOCK_STREAM, path);
      try {
        checked(libc.listen(tcp, BACKLOG), `listening on ${AT}/tcp in ${path}`);
        return { udp, tcp, netns };
      } catch (error) {
        closeSync(tcp);
        throw error;
      }
    } catch (error) {
      closeSync(udp);
      throw error;
    }
  });
}

/** Undefined when there is nothing at `path`. */
export function netnsIdentity(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return found ? `${found.dev}:${found.ino}` : '';
}

function boundSocket(type: number, path: string): number {
  const what = `${AT}/${type === SOCK_DGRAM ? 'udp' : 'tcp'} in ${path}`;
  const fd = checked(libc.socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), `opening a socket for ${what}`);
  try {
    const on = new Uint8Array(new Int32Array([1]).buffer);
    // Connections of the resolver before us may still be closing.
    if (type === SOCK_STREAM) checked(libc.setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, on, 4), `SO_REUSEADDR for ${what}`);
    // The loopback link may come up later.
    checked(libc.setsockopt(fd, IPPROTO_IP, IP_FREEBIND, on, 4), `IP_FREEBIND for ${what}`);
    checked(libc.bind(fd, socketAddress(RESOLVER.address, RESOLVER.port), 16), `binding ${what}`);
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** struct sockaddr_in: the family in the machine's order, port and address in the network's. */
function socketAddress(address: string, port: number): Uint8Array {
  const bytes = new Uint8Array(16);
  new Uint16Array(bytes.buffer)[0] = AF_INET;
  bytes.set([port >> 8, port & 0xff, ...address.split('.').map(Number)], 2);
  return bytes;
}
