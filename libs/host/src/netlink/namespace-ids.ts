import { attributes, FLAGS, RTM, type Message } from './codec.js';
import { attribute, request, u32 } from './encode.js';
import { dumpBy } from './socket.js';

// Numbers by which a network namespace knows others: ip-netns(8), include/uapi/linux/net_namespace.h.
const NETNSA = { NSID: 1, FD: 3 } as const;
/** as a request: choose one; as an answer: there is none */
const NONE = 0xffffffff;

/** The number by which the calling thread's namespace knows the one behind the descriptor; it gets one where it has none. */
export function namespaceId(fd: number): number {
  const named = ask(RTM.GETNSID, fd);
  if (named !== undefined) return named;
  ask(RTM.NEWNSID, fd, NONE);
  return ask(RTM.GETNSID, fd)!;
}

function ask(type: number, fd: number, id?: number): number | undefined {
  const wish = id === undefined ? [] : [attribute(NETNSA.NSID, u32(id))];
  // struct rtgenmsg, padded
  const answers = dumpBy(request(type, FLAGS.ACK, [Buffer.alloc(4), ...wish, attribute(NETNSA.FD, u32(fd))]));
  const found = answers.map(idIn).find((each) => each !== undefined);
  return found === NONE ? undefined : found;
}

/** Of a namespace that has ended: its number goes to another one next. */
export function endedNamespace(message: Message): number | undefined {
  return message.type === RTM.DELNSID ? idIn(message) : undefined;
}

const idIn = ({ payload }: Message) => attributes(payload, 4).get(NETNSA.NSID)?.readUInt32LE(0);
