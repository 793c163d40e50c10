import { FLAGS, RTM } from '../codec.js';
import { attribute, mac, request, text, u32 } from '../encode.js';
import type { Request } from './request.js';
import { Words } from './words.js';

// include/uapi/linux/if_link.h, include/uapi/linux/veth.h
const IFLA = { ADDRESS: 1, IFNAME: 3, MTU: 4, MASTER: 10, LINKINFO: 18, NET_NS_FD: 28 } as const;
const INFO = { KIND: 1, DATA: 2 } as const;
const VETH_INFO_PEER = 1;
const IFF_UP = 1;

export function linkRequest(verb: string, words: readonly string[]): Request | undefined {
  if (verb === 'add') return addRequest(words);
  if (verb === 'set') return setRequest(words);
  return verb === 'del' ? deleteRequest(words) : undefined;
}

/** Kinds of links that are made without a word more. */
const PLAIN = ['bridge', 'wireguard'];

/** `name N [address M] [mtu B] type bridge` or `wireguard`, `name N [mtu B] type veth peer name P [address M] [mtu B] [netns S]` */
function addRequest(line: readonly string[]): Request | undefined {
  const at = line.indexOf('type');
  const own = at < 0 ? undefined : linkAttributes(line.slice(0, at), []);
  if (!own) return undefined;
  const make = (info: Buffer) =>
    request(RTM.NEWLINK, FLAGS.CREATE | FLAGS.EXCL, [linkHead(), ...own.attributes, attribute(IFLA.LINKINFO, info)]);
  const [kind, ...rest] = line.slice(at + 1);
  if (kind === undefined) return undefined;
  if (PLAIN.includes(kind) && rest.length === 0) return () => make(attribute(INFO.KIND, text(kind)));
  if (kind !== 'veth' || rest[0] !== 'peer') return undefined;
  const peer = linkAttributes(rest.slice(1), ['netns']);
  if (!peer) return undefined;
  const netns = peer.words.get('netns');
  return (place) => {
    const there = netns === undefined ? [] : [attribute(IFLA.NET_NS_FD, u32(place.netns(netns)))];
    const data = attribute(VETH_INFO_PEER, linkHead(), ...peer.attributes, ...there);
    return make(Buffer.concat([attribute(INFO.KIND, text('veth')), attribute(INFO.DATA, data)]));
  };
}

/** `[dev] N [master B] [up]` */
function setRequest(line: readonly string[]): Request | undefined {
  const words = Words.of(line, ['dev', 'master'], ['up']);
  const name = words?.get('dev');
  const master = words?.get('master');
  if (!words || name === undefined || line.length === 2) return undefined;
  return (place) =>
    request(RTM.NEWLINK, 0, [
      linkHead(words.has('up') ? IFF_UP : 0),
      attribute(IFLA.IFNAME, text(name)),
      ...(master === undefined ? [] : [attribute(IFLA.MASTER, u32(place.index(master)))]),
    ]);
}

/** `[dev] N` */
function deleteRequest(line: readonly string[]): Request | undefined {
  const [name, ...rest] = line[0] === 'dev' ? line.slice(1) : line;
  if (name === undefined || rest.length > 0) return undefined;
  return () => request(RTM.DELLINK, 0, [linkHead(), attribute(IFLA.IFNAME, text(name))]);
}

function linkAttributes(
  line: readonly string[],
  more: readonly string[],
): { words: Words; attributes: Buffer[] } | undefined {
  const words = Words.of(line, ['name', 'address', 'mtu', ...more]);
  const name = words?.get('name');
  if (!words || name === undefined) return undefined;
  const address = words.has('address') ? mac(words.get('address')!) : Buffer.alloc(0);
  const mtu = words.has('mtu') ? words.number('mtu') : 0;
  if (!address || mtu === undefined) return undefined;
  const attributes = [
    attribute(IFLA.IFNAME, text(name)),
    ...(address.length > 0 ? [attribute(IFLA.ADDRESS, address)] : []),
    ...(mtu > 0 ? [attribute(IFLA.MTU, u32(mtu))] : []),
  ];
  return { words, attributes };
}

/** struct ifinfomsg: the flags that are to be set and, as the mask, no others. */
function linkHead(flags = 0): Buffer {
  const head = Buffer.alloc(16);
  head.writeUInt32LE(flags, 8);
  head.writeUInt32LE(flags, 12);
  return head;
}
