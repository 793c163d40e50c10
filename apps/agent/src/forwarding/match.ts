import ipaddr from 'ipaddr.js';

/** The first packet of a connection, as rules see it. */
export interface Packet {
  iif?: string;
  oif?: string;
  from: string;
  to: string;
  protocol: 'tcp' | 'udp';
  port?: number;
  /** its destination was translated: it came for a published port */
  dnat: boolean;
}

/** undefined: it takes more than is known here */
export type Known = boolean | undefined;

type Json = Record<string, unknown>;
/** What a rule looks at: a value, several that it may be (`ct state`), or parts of a concatenation. */
type Value = string | number | readonly Value[];

/** What a packet of other protocols has not: a rule that asks for it, by `!=` as well, is not for this packet. */
const ABSENT = Symbol('absent');
/** A packet has one of each. Of other headers nothing is known here. */
const NETWORKS = ['ip', 'ip6', 'arp'];
const TRANSPORTS = ['tcp', 'udp', 'udplite', 'sctp', 'dccp', 'icmp', 'icmpv6', 'igmp', 'esp', 'ah', 'comp', 'gre'];

const NOT = (known: Known): Known => (known === undefined ? undefined : !known);

/** Does a match of nft's JSON (libnftables-json(5), MATCH) hold for the packet? Pure. */
export function matches(match: unknown, packet: Packet, sets: ReadonlyMap<string, readonly unknown[]>): Known {
  const { op, left, right } = match as { op: string; left: unknown; right: unknown };
  const value = valueOf(left, packet);
  if (value === ABSENT) return false;
  if (value === undefined) return undefined;
  // Flags: any of them.
  const found = isFlags(left)
    ? some(asList(right), (each) => (value as readonly Value[]).includes(each as Value))
    : holds(right, value, sets);
  if (op === '!=') return NOT(found);
  return op === '==' || op === 'in' ? found : undefined;
}

function valueOf(left: unknown, packet: Packet): Value | typeof ABSENT | undefined {
  const { meta, payload, ct, concat } = left as Record<string, Json & unknown[]>;
  if (concat) {
    const parts = concat.map((each) => valueOf(each, packet));
    if (parts.includes(ABSENT)) return ABSENT;
    return parts.includes(undefined) ? undefined : (parts as Value[]);
  }
  if (meta) return metaOf(String(meta['key']), packet);
  if (payload) return payloadOf(String(payload['protocol']), String(payload['field']), packet);
  if (ct?.['key'] === 'state') return ['new'];
  if (ct?.['key'] === 'status') return packet.dnat ? ['dnat'] : [];
  return undefined;
}

function metaOf(key: string, packet: Packet): Value | undefined {
  const v6 = packet.to.includes(':');
  const values: Record<string, Value | undefined> = {
    iif: packet.iif,
    iifname: packet.iif,
    oif: packet.oif,
    oifname: packet.oif,
    l4proto: packet.protocol,
    nfproto: v6 ? 'ipv6' : 'ipv4',
    protocol: v6 ? 'ip6' : 'ip',
  };
  return values[key];
}

function payloadOf(protocol: string, field: string, packet: Packet): Value | typeof ABSENT | undefined {
  const family = packet.to.includes(':') ? 'ip6' : 'ip';
  if (NETWORKS.includes(protocol) && protocol !== family) return ABSENT;
  if (TRANSPORTS.includes(protocol) && protocol !== packet.protocol) return ABSENT;
  if (protocol === family) {
    if (field === 'saddr') return packet.from;
    if (field === 'daddr') return packet.to;
    return field === 'protocol' || field === 'nexthdr' ? packet.protocol : undefined;
  }
  return field === 'dport' ? packet.port : undefined;
}

const isFlags = (left: unknown) => Object.hasOwn(left as Json, 'ct');
const asList = (right: unknown) => (Array.isArray(right) ? right : ((right as { set?: unknown[] }).set ?? [right]));

function holds(right: unknown, value: Value, sets: ReadonlyMap<string, readonly unknown[]>): Known {
  if (typeof right === 'string' && right.startsWith('@')) {
    const elements = sets.get(right.slice(1));
    return elements && some(elements, (each) => holds(each, value, sets));
  }
  if (Array.isArray(right)) return some(right, (each) => holds(each, value, sets));
  if (typeof right !== 'object' || right === null) return isLike(right as Value, value);
  const { set, prefix, range, concat, elem } = right as Record<string, never>;
  if (set) return some(set as unknown[], (each) => holds(each, value, sets));
  if (elem) return holds((elem as { val: unknown }).val, value, sets);
  if (prefix) return isWithin(prefix as { addr: string; len: number }, value);
  if (range) return isBetween(range as [Value, Value], value);
  if (concat && Array.isArray(value)) {
    return (concat as unknown[]).map((each, n) => holds(each, value[n]!, sets)).reduce<Known>(and, true);
  }
  return undefined;
}

/** Names of links may end in a `*`. */
function isLike(pattern: Value, value: Value): Known {
  if (typeof pattern === 'string' && pattern.endsWith('*')) return String(value).startsWith(pattern.slice(0, -1));
  return String(pattern) === String(value);
}

function isWithin({ addr, len }: { addr: string; len: number }, value: Value): Known {
  if (!ipaddr.isValid(String(value))) return false;
  const [prefix, address] = [ipaddr.parse(addr), ipaddr.parse(String(value))];
  return prefix.kind() === address.kind() && address.match([prefix, len] as never);
}

function isBetween([first, last]: [Value, Value], value: Value): Known {
  const order = (each: Value) =>
    ipaddr.isValid(String(each)) && typeof each === 'string' ? hexOf(each) : String(each).padStart(40, '0');
  return order(first) <= order(value) && order(value) <= order(last);
}

const hexOf = (address: string) =>
  ipaddr
    .parse(address)
    .toByteArray()
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');

const and = (a: Known, b: Known): Known => (a === false || b === false ? false : a && b);

function some<T>(all: readonly T[], holds: (each: T) => Known): Known {
  const found = all.map(holds);
  return found.includes(true) ? true : found.includes(undefined) ? undefined : false;
}
