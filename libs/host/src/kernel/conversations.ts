import { getSystemErrorName } from 'node:util';
import { Semaphore, SkepError } from '#lib/common';
import type { Conversation } from '../host.js';
import { ending, messages, type Message } from '../netlink/codec.js';
import {
  AF,
  conversationsDump,
  decodeConversation,
  forgetRequest,
  type ConversationRecord,
} from '../netlink/conversations.js';
import { AF_NETLINK, checked, codeOf, SOCK_CLOEXEC, SOCK_RAW, sys } from './libc.js';
import { inNetns } from './netns.js';

const NETLINK_NETFILTER = 12;
/** A listing takes the kernel some milliseconds, however little there is in it: one at a time. */
const turns = new Semaphore(1);

/** Ends UDP conversations (`Host.endConversations`). The kernel works on a thread of the pool meanwhile. */
export async function endConversations(stray: (each: Conversation) => boolean, netns?: string): Promise<number> {
  try {
    return await within(netns, async (conntrack) => {
      const found = (await conntrack.list()).filter(stray);
      for (const each of found) await conntrack.exchange(forgetRequest(each), 'forget a conversation');
      return found.length;
    });
  } catch (error) {
    // `skep doctor` says so; rules are of use without it.
    if (SkepError.is(error, 'unsupported')) return 0;
    throw error;
  }
}

/** @throws `unsupported` where this kernel does not tell */
export function listConversations(netns?: string): Promise<Conversation[]> {
  return within(netns, (conntrack) => conntrack.list());
}

function within<T>(netns: string | undefined, work: (conntrack: ConntrackSocket) => Promise<T>): Promise<T> {
  return turns.run(async () => {
    const socket = new ConntrackSocket(netns);
    try {
      return await work(socket);
    } finally {
      socket.close();
    }
  });
}

/** It belongs to the namespace that it was opened in, whichever thread uses it. */
class ConntrackSocket {
  private readonly fd: number;
  private readonly buffer = Buffer.alloc(64 * 1024);

  constructor(netns: string | undefined) {
    const type = SOCK_RAW | SOCK_CLOEXEC;
    const open = () => checked(sys.socket(AF_NETLINK, type, NETLINK_NETFILTER), 'open a netfilter socket');
    this.fd = inNetns(netns, open);
  }

  async list(): Promise<ConversationRecord[]> {
    const found: Message[] = [];
    for (const family of Object.values(AF)) {
      found.push(...(await this.exchange(conversationsDump(family), 'list conversations')));
    }
    return found.flatMap((each) => decodeConversation(each) ?? []);
  }

  /** What is not there any more is no fault. */
  async exchange(request: Buffer, what: string): Promise<Message[]> {
    if ((await sys.sendAsync(this.fd, request, request.length, 0)) < 0) {
      throw new SkepError('internal', `conntrack takes no message: ${what}`);
    }
    const found: Message[] = [];
    for (;;) {
      const length = await sys.recvAsync(this.fd, this.buffer, this.buffer.length, 0);
      if (length < 0) throw new SkepError('internal', `conntrack gives no answer: ${what}`);
      for (const message of messages(Buffer.from(this.buffer.subarray(0, length)))) {
        const errno = ending(message);
        if (errno === undefined) found.push(message);
        else if (errno === 0) return found;
        else return this.refused(errno, what);
      }
    }
  }

  close(): void {
    sys.close(this.fd);
  }

  private refused(errno: number, what: string): Message[] {
    const name = getSystemErrorName(-errno);
    if (name === 'ENOENT') return [];
    if (name === 'EINVAL' || name === 'ENOTSUP') {
      throw new SkepError('unsupported', `conntrack: ${what}: ${name}: this kernel lacks nf_conntrack_netlink`);
    }
    throw new SkepError(codeOf(name), `conntrack: ${what}: ${name}`);
  }
}
