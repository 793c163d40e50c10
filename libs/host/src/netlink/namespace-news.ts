import koffi from 'koffi';
import { SkepError } from '#lib/common';
import { lastError, sys } from '../kernel/libc.js';
import { messages } from './codec.js';
import { endedNamespace } from './namespace-ids.js';
import { ADDRESSING, openChanges } from './socket.js';

const SOL_NETLINK = 270;
/** netlink(7): news of every namespace that has a number in the socket's, each with that number beside it */
const NETLINK_LISTEN_ALL_NSID = 8;
/** RTNLGRP_NSID as a bit of the mask: numbers are given and go */
const NSID_GROUP = 1 << 27;

const SIZE = 32 * 1024;
/** struct cmsghdr (16 bytes), the number, padding */
const CONTROL_SIZE = 64;
const HEAD = 16;

/** What is heard from elsewhere: a namespace, by its number, has changed or ended; or news were lost and it may be any. */
export type NamespaceNews = { id: number; ended: boolean } | 'lost';

/** Undefined where this process may not listen to other namespaces (CAP_NET_BROADCAST). */
export function openNamespaceNews(): number | undefined {
  const socket = openChanges(ADDRESSING | NSID_GROUP);
  const on = Buffer.from([1, 0, 0, 0]);
  if (sys.setsockopt(socket, SOL_NETLINK, NETLINK_LISTEN_ALL_NSID, on, on.length) === 0) return socket;
  sys.close(socket);
  return undefined;
}

/** Memory for recvmsg, laid out once: struct msghdr, its one struct iovec, and what both lead to. One piece, which stays where it is. */
const memory = new ArrayBuffer(192 + SIZE);
const [header, vector, control, data] = [
  Buffer.from(memory, 0, 56),
  Buffer.from(memory, 64, 16),
  Buffer.from(memory, 128, CONTROL_SIZE),
  Buffer.from(memory, 192),
] as const;
const address = BigInt(koffi.address(memory));
vector.writeBigUInt64LE(address + 192n, 0);
vector.writeBigUInt64LE(BigInt(SIZE), 8);
header.writeBigUInt64LE(address + 64n, 16);
header.writeBigUInt64LE(1n, 24);
header.writeBigUInt64LE(address + 128n, 32);

/** Reads whatever is there. News of the socket's own namespace carry no number and are not told. */
export function drainNamespaceNews(socket: number, told: (news: NamespaceNews) => void): void {
  for (;;) {
    header.writeBigUInt64LE(BigInt(CONTROL_SIZE), 40);
    const length = sys.recvmsg(socket, header, 0);
    if (length >= 0) {
      const id = senderOf();
      const ended = [...messages(data.subarray(0, length))].flatMap((each) => endedNamespace(each) ?? []);
      for (const each of ended) if (id === undefined) told({ id: each, ended: true });
      if (id !== undefined) told({ id, ended: false });
      continue;
    }
    const errno = lastError();
    if (errno === 'ENOBUFS') told('lost');
    if (errno === 'ENOBUFS' || errno === 'EINTR') continue;
    if (errno === 'EAGAIN' || errno === 'EWOULDBLOCK') return;
    throw new SkepError('internal', `rtnetlink news of other namespaces: ${errno}`);
  }
}

function senderOf(): number | undefined {
  if (header.readBigUInt64LE(40) < HEAD + 4) return undefined;
  const about = control.readInt32LE(8) === SOL_NETLINK && control.readInt32LE(12) === NETLINK_LISTEN_ALL_NSID;
  return about ? control.readUInt32LE(HEAD) : undefined;
}
