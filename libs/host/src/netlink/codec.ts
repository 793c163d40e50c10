import { endianness } from 'node:os';
import ipaddr from 'ipaddr.js';
import type { ObservedLink, ObservedRoute } from '#lib/domain';

// The rtnetlink wire format: rtnetlink(7), include/uapi/linux/{netlink,rtnetlink,if_link,if_addr}.h.
// Numbers are in the byte order of the machine; all that we support are little-endian.
if (endianness() !== 'LE') throw new Error('rtnetlink on big-endian machines is not implemented');

export const RTM = {
  NEWLINK: 16,
  DELLINK: 17,
  GETLINK: 18,
  NEWADDR: 20,
  DELADDR: 21,
  GETADDR: 22,
  NEWROUTE: 24,
  DELROUTE: 25,
  GETROUTE: 26,
  NEWNEIGH: 28,
  DELNEIGH: 29,
  GETNEIGH: 30,
  NEWNSID: 88,
  DELNSID: 89,
  GETNSID: 90,
} as const;
export const FLAGS = {
  REQUEST: 0x1,
  ACK: 0x4,
  DUMP_INTR: 0x10,
  REPLACE: 0x100,
  EXCL: 0x200,
  DUMP: 0x300,
  CREATE: 0x400,
} as const;
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const NLMSGERR_ATTR_MSG = 1;
const HEADER = 16;

const IFLA = { ADDRESS: 1, IFNAME: 3, MTU: 4, LINK: 5, MASTER: 10, LINKINFO: 18, EXT_MASK: 29 } as const;
const IFLA_INFO_KIND = 1;
const RTEXT_FILTER_SKIP_STATS = 8;
const IFF_UP = 1;
const IFA = { ADDRESS: 1, LOCAL: 2 } as const;
const RTA = { DST: 1, OIF: 4, GATEWAY: 5, PREFSRC: 7, MULTIPATH: 9, TABLE: 15, VIA: 18 } as const;
const RT_TABLE_MAIN = 254;
/** routes that the kernel makes for addresses, with the address as source: nobody chose it */
const RTPROT_KERNEL = 2;
/** the last number that the kernel itself gives a meaning (RTPROT_STATIC); up to it nobody says who he is */
const RTPROT_STATIC = 4;
const AF_INET = 2;

export interface Message {
  type: number;
  flags: number;
  payload: Buffer;
}

function message(type: number, flags: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(HEADER);
  head.writeUInt32LE(HEADER + payload.length, 0);
  head.writeUInt16LE(type, 4);
  head.writeUInt16LE(flags | FLAGS.REQUEST, 6);
  return Buffer.concat([head, payload]);
}

/** A request for all objects of a kind: links, addresses or routes of every family. */
export function dumpRequest(type: number): Buffer {
  if (type !== RTM.GETLINK) return message(type, FLAGS.DUMP, Buffer.alloc(type === RTM.GETROUTE ? 12 : 8));
  const body = Buffer.alloc(24); // ifinfomsg and one attribute
  body.writeUInt16LE(8, 16);
  body.writeUInt16LE(IFLA.EXT_MASK, 18);
  body.writeUInt32LE(RTEXT_FILTER_SKIP_STATS, 20);
  return message(type, FLAGS.DUMP, body);
}

/** A request that sets the link up. */
export function linkUpRequest(index: number): Buffer {
  const body = Buffer.alloc(16);
  body.writeInt32LE(index, 4);
  body.writeUInt32LE(IFF_UP, 8);
  body.writeUInt32LE(IFF_UP, 12);
  return message(RTM.NEWLINK, FLAGS.ACK, body);
}

/** The kernel's own words in a refusal (NETLINK_EXT_ACK), where it has any: they follow the request that it sends back. */
export function refusalWords({ payload }: Message): string | undefined {
  const echoed = payload.length >= 8 ? payload.readUInt32LE(4) : 0;
  const words = attributes(payload, 4 + align(echoed)).get(NLMSGERR_ATTR_MSG);
  return words && text(words);
}

/** The messages in what one recv gave. */
export function* messages(data: Buffer): Generator<Message> {
  for (let at = 0; at + HEADER <= data.length;) {
    const length = data.readUInt32LE(at);
    if (length < HEADER || at + length > data.length) throw new RangeError('netlink: a message is cut short');
    yield {
      type: data.readUInt16LE(at + 4),
      flags: data.readUInt16LE(at + 6),
      payload: data.subarray(at + HEADER, at + length),
    };
    at += align(length);
  }
}

/** Undefined: more follows; else the errno that ended the exchange, 0 for success. */
export function ending(message: Message): number | undefined {
  if (message.type !== NLMSG_ERROR && message.type !== NLMSG_DONE) return undefined;
  return message.payload.length >= 4 ? Math.abs(message.payload.readInt32LE(0)) : 0;
}

/** A link with its master as an index, which only the whole dump resolves to a name. */
export interface LinkRecord extends Omit<ObservedLink, 'master' | 'addresses'> {
  masterIndex?: number;
}

/** All links of a node are decoded whenever one has changed, and each has about forty attributes, of which few matter. */
export function decodeLink(payload: Buffer): LinkRecord {
  const link: LinkRecord = {
    index: payload.readInt32LE(4),
    name: '',
    kind: '',
    up: (payload.readUInt32LE(8) & IFF_UP) !== 0,
    masterIndex: undefined,
    mac: '',
    mtu: 0,
  };
  eachAttribute(payload, 16, payload.length, (type, from, to) => {
    if (type === IFLA.IFNAME) link.name = textIn(payload, from, to);
    else if (type === IFLA.ADDRESS) link.mac = macIn(payload, from, to);
    else if (type === IFLA.MTU) link.mtu = payload.readUInt32LE(from);
    else if (type === IFLA.MASTER) link.masterIndex = payload.readUInt32LE(from);
    else if (type === IFLA.LINK) link.parent = payload.readUInt32LE(from) || undefined;
    else if (type === IFLA.LINKINFO) {
      eachAttribute(payload, from, to, (inner, start, end) => {
        if (inner === IFLA_INFO_KIND) link.kind = textIn(payload, start, end);
      });
    }
  });
  return link;
}

export interface AddressRecord {
  index: number;
  /** address/prefix length */
  address: string;
}

export function decodeAddress(payload: Buffer): AddressRecord {
  let local: Buffer | undefined;
  let other: Buffer | undefined;
  eachAttribute(payload, 8, payload.length, (type, from, to) => {
    if (type === IFA.LOCAL) local = payload.subarray(from, to);
    else if (type === IFA.ADDRESS) other = payload.subarray(from, to);
  });
  // On a point-to-point link ADDRESS is the other end; LOCAL is given for IPv4 always and for IPv6 only then.
  const bytes = local ?? other ?? Buffer.alloc(4);
  return { index: payload.readUInt32LE(4), address: `${ipText(bytes)}/${payload[1]}` };
}

export interface RouteRecord extends Omit<ObservedRoute, 'link'> {
  linkIndex?: number;
}

/** Undefined for routes that are not in the main table. Of several next hops the first counts. */
export function decodeRoute(payload: Buffer): RouteRecord | undefined {
  const found = attributes(payload, 12);
  if ((found.get(RTA.TABLE)?.readUInt32LE(0) ?? payload[4]) !== RT_TABLE_MAIN) return undefined;
  const anywhere = Buffer.alloc(payload[0] === AF_INET ? 4 : 16);
  const hops = found.get(RTA.MULTIPATH);
  const hop = hops ? attributes(hops.subarray(0, hops.readUInt16LE(0)), 8) : found;
  const via = hop.get(RTA.VIA)?.subarray(2);
  const gateway = hop.get(RTA.GATEWAY) ?? via;
  const maker = payload[5] ?? 0;
  const source = maker === RTPROT_KERNEL ? undefined : found.get(RTA.PREFSRC);
  return {
    destination: `${ipText(found.get(RTA.DST) ?? anywhere)}/${payload[1]}`,
    gateway: gateway && ipText(gateway),
    source: source && ipText(source),
    maker: maker > RTPROT_STATIC ? maker : undefined,
    linkIndex: hops ? hops.readInt32LE(4) : found.get(RTA.OIF)?.readInt32LE(0),
  };
}

export function attributes(data: Buffer, start: number): Map<number, Buffer> {
  const found = new Map<number, Buffer>();
  eachAttribute(data, start, data.length, (type, from, to) => found.set(type, data.subarray(from, to)));
  return found;
}

/** Tells the type of each attribute, and where its value begins and ends. */
function eachAttribute(
  data: Buffer,
  start: number,
  end: number,
  tell: (type: number, from: number, to: number) => void,
): void {
  for (let at = start; at + 4 <= end;) {
    const length = data.readUInt16LE(at);
    if (length < 4 || at + length > end) throw new RangeError('netlink: an attribute is cut short');
    // The two highest bits are flags (nested, byte order).
    tell(data.readUInt16LE(at + 2) & 0x3fff, at + 4, at + length);
    at += align(length);
  }
}

const align = (length: number) => (length + 3) & ~3;

function text(bytes: Buffer): string {
  return textIn(bytes, 0, bytes.length);
}

/** To the first zero. */
function textIn(bytes: Buffer, from: number, to: number): string {
  const zero = bytes.indexOf(0, from);
  return bytes.toString('utf8', from, zero < 0 || zero > to ? to : zero);
}

export function macText(bytes: Buffer): string {
  return macIn(bytes, 0, bytes.length);
}

function macIn(bytes: Buffer, from: number, to: number): string {
  return bytes.toString('hex', from, to).replace(/(..)(?=.)/g, '$1:');
}

export function ipText(bytes: Buffer): string {
  return bytes.length === 4 ? bytes.join('.') : ipv6Text(bytes);
}

/** Every link has an address of IPv6, which is told again at each look, and the shortest text takes a while to find. */
const known = new Map<string, string>();
const MOST_KNOWN = 10_000;

function ipv6Text(bytes: Buffer): string {
  const key = bytes.toString('latin1');
  const there = known.get(key);
  if (there !== undefined) return there;
  const shortest = ipaddr.fromByteArray([...bytes]).toString();
  if (known.size === MOST_KNOWN) known.clear();
  known.set(key, shortest);
  return shortest;
}
