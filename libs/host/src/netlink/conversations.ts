import type { Conversation, Speaker } from '../host.js';
import { attributes, FLAGS, ipText, type Message } from './codec.js';
import { attribute, request } from './encode.js';

// include/uapi/linux/netfilter/nfnetlink{,_conntrack}.h. Numbers inside of attributes are in network byte order.
const SUBSYSTEM = 1 << 8;
const NEW = SUBSYSTEM | 0;
const GET = SUBSYSTEM | 1;
const DELETE = SUBSYSTEM | 2;
const CTA = { TUPLE_ORIG: 1, TUPLE_REPLY: 2, ID: 12, ZONE: 18, FILTER: 25 } as const;
const TUPLE = { IP: 1, PROTO: 2 } as const;
const IP = { V4_SRC: 1, V4_DST: 2, V6_SRC: 3, V6_DST: 4 } as const;
const PROTO = { NUM: 1, SRC_PORT: 2, DST_PORT: 3 } as const;
const FILTER = { ORIG_FLAGS: 1, REPLY_FLAGS: 2 } as const;
/** of the tuple in the request only the protocol counts */
const ONLY_PROTO_NUM = 1 << 3;
const NESTED = 0x8000;
const IPPROTO_UDP = 17;

export const AF = { INET: 2, INET6: 10 } as const;
export type Family = (typeof AF)[keyof typeof AF];

/** A conversation as the kernel told of it, with what names it exactly. */
export interface ConversationRecord extends Conversation {
  family: Family;
  key: Buffer;
}

/**
 * A request for all UDP conversations of a family: the filter works for one at a time. Kernels before 5.8 do not know it
 * and tell of others, too.
 */
export function conversationsDump(family: Family): Buffer {
  const proto = nested(TUPLE.PROTO, attribute(PROTO.NUM, Buffer.from([IPPROTO_UDP])));
  const flags = Buffer.alloc(4);
  flags.writeUInt32LE(ONLY_PROTO_NUM);
  const filter = [attribute(FILTER.ORIG_FLAGS, flags), attribute(FILTER.REPLY_FLAGS, Buffer.alloc(4))];
  return request(GET, FLAGS.DUMP, [head(family), nested(CTA.TUPLE_ORIG, proto), nested(CTA.FILTER, ...filter)]);
}

/** A request that lets connection tracking forget that conversation, and none that has come in its place. */
export function forgetRequest({ family, key }: ConversationRecord): Buffer {
  return request(DELETE, 0, [head(family), key]);
}

/** Undefined for what is no UDP conversation. */
export function decodeConversation({ type, payload }: Message): ConversationRecord | undefined {
  if (type !== NEW) return undefined;
  const found = attributes(payload, 4);
  const [orig, reply] = [tupleOf(found.get(CTA.TUPLE_ORIG)), tupleOf(found.get(CTA.TUPLE_REPLY))];
  if (!orig || !reply) return undefined;
  const same = [CTA.ID, CTA.ZONE].flatMap((each) => {
    const value = found.get(each);
    return value ? [attribute(each, value)] : [];
  });
  return {
    from: orig.from,
    to: orig.to,
    with: reply.from,
    back: reply.to,
    family: payload[0] === AF.INET ? AF.INET : AF.INET6,
    key: Buffer.concat([nested(CTA.TUPLE_ORIG, found.get(CTA.TUPLE_ORIG)!), ...same]),
  };
}

function tupleOf(bytes: Buffer | undefined): Record<'from' | 'to', Speaker> | undefined {
  const tuple = bytes && attributes(bytes, 0);
  const [ip, proto] = [tuple?.get(TUPLE.IP), tuple?.get(TUPLE.PROTO)].map((each) => each && attributes(each, 0));
  if (proto?.get(PROTO.NUM)?.[0] !== IPPROTO_UDP) return undefined;
  const [src, dst] = [ip?.get(IP.V4_SRC) ?? ip?.get(IP.V6_SRC), ip?.get(IP.V4_DST) ?? ip?.get(IP.V6_DST)];
  const [sport, dport] = [proto.get(PROTO.SRC_PORT), proto.get(PROTO.DST_PORT)];
  if (!src || !dst || !sport || !dport) return undefined;
  return {
    from: { address: ipText(src), port: sport.readUInt16BE(0) },
    to: { address: ipText(dst), port: dport.readUInt16BE(0) },
  };
}

/** struct nfgenmsg */
function head(family: Family): Buffer {
  return Buffer.from([family, 0, 0, 0]);
}

function nested(type: number, ...values: readonly Buffer[]): Buffer {
  return attribute(type | NESTED, ...values);
}
