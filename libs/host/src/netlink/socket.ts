import { SkepError } from '#lib/common';
import { AF_NETLINK, checked, lastError, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_RAW, sys } from '../kernel/libc.js';
import { dumpRequest, ending, FLAGS, linkUpRequest, messages, type Message } from './codec.js';

const NETLINK_ROUTE = 0;
/** The kernel fills at most 32 KiB a message of a dump (netlink(7)). */
const buffer = Buffer.alloc(64 * 1024);
const ATTEMPTS = 10;

/** All objects of one kind in the calling thread's namespace. Messages are views of memory that lives on. */
export function dump(type: number): Message[] {
  return dumpBy(dumpRequest(type));
}

/** What the kernel answers to a request for many objects. */
export function dumpBy(request: Buffer): Message[] {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const found = exchange(request);
    // Something changed in the middle: parts of the listing are from before and parts from after.
    if (!found.some((each) => each.flags & FLAGS.DUMP_INTR)) return found;
  }
  throw new SkepError('unavailable', `rtnetlink: the listing changed ${ATTEMPTS} times while it was read`);
}

/** Sets the loopback of the calling thread's namespace up; it is always the first link. */
export function raiseLoopback(): void {
  exchange(linkUpRequest(1));
}

function exchange(request: Buffer): Message[] {
  const socket = checked(sys.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), 'open an rtnetlink socket');
  try {
    checked(sys.send(socket, request, request.length, 0), 'send to rtnetlink');
    const found: Message[] = [];
    for (;;) {
      const length = checked(sys.recv(socket, buffer, buffer.length, 0), 'receive from rtnetlink');
      for (const message of messages(Buffer.from(buffer.subarray(0, length)))) {
        const errno = ending(message);
        if (errno === undefined) found.push(message);
        else if (errno === 0) return found;
        else throw new SkepError('internal', `rtnetlink refuses the request: errno ${errno}`);
      }
    }
  } finally {
    sys.close(socket);
  }
}

/** Multicast groups (RTMGRP_*): links, and addresses and routes of both families. */
export const ADDRESSING = 0x1 | 0x10 | 0x40 | 0x100 | 0x400;

/** RTMGRP_NEIGH: neighbours, and what bridges and tunnels know. */
export const NEIGHBOURS = 0x4;

/** A socket that becomes readable after any change of links, addresses or routes, or of what else is asked for. */
export function openChanges(groups: number = ADDRESSING): number {
  const type = SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK;
  const socket = checked(sys.socket(AF_NETLINK, type, NETLINK_ROUTE), 'open an rtnetlink socket');
  const address = Buffer.alloc(12);
  address.writeUInt16LE(AF_NETLINK, 0);
  address.writeUInt32LE(groups, 8);
  try {
    checked(sys.bind(socket, address, address.length), 'subscribe to rtnetlink');
  } catch (error) {
    sys.close(socket);
    throw error;
  }
  return socket;
}

/** Reads whatever is there, tells it, and says whether there was anything; news that the kernel had to drop (ENOBUFS) are news as well. */
export function drainChanges(socket: number, told: (news: Message[] | 'lost') => void = () => undefined): boolean {
  for (let any = false; ; any = true) {
    const length = sys.recv(socket, buffer, buffer.length, 0);
    if (length >= 0) {
      told([...messages(buffer.subarray(0, length))]);
      continue;
    }
    const errno = lastError();
    if (errno === 'ENOBUFS') told('lost');
    if (errno === 'ENOBUFS' || errno === 'EINTR') continue;
    if (errno === 'EAGAIN' || errno === 'EWOULDBLOCK') return any;
    throw new SkepError('internal', `rtnetlink changes: ${errno}`);
  }
}
