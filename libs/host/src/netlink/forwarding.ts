import { invalid } from '#lib/common';
import type { Forwarding } from '../host.js';
import { attributes, FLAGS, ipText, macText, RTM, type Message } from './codec.js';
import { attribute, ip, mac, request } from './encode.js';
import type { Request } from './requests/request.js';

// include/uapi/linux/neighbour.h
const NDA = { DST: 1, LLADDR: 2, MASTER: 9 } as const;
const NTF = { SELF: 2, MASTER: 4 } as const;
const NUD = { FAILED: 0x20, NOARP: 0x40, PERMANENT: 0x80 } as const;
const AF_BRIDGE = 7;
const FAMILY_OF_LENGTH: Readonly<Record<number, number>> = { 4: 2, 16: 10 };

/** The request that makes an entry of a link, in the place of one with the same key, or removes it. */
export function forwardingRequest(verb: 'replace' | 'del', link: string, entry: Forwarding): Request {
  const lladdr = mac(entry.mac);
  const to = entry.table === 'bridge' ? undefined : ip(entry.to);
  if (!lladdr || (entry.table !== 'bridge' && !to)) {
    throw invalid(
      `${link}: ${JSON.stringify(entry)}: expected a MAC address and, where a target belongs to it, an IP address`,
    );
  }
  const flags = verb === 'del' ? 0 : FLAGS.CREATE | FLAGS.REPLACE;
  return (place) => {
    const head = Buffer.alloc(12); // struct ndmsg
    head[0] = entry.table === 'neighbour' ? FAMILY_OF_LENGTH[to!.length]! : AF_BRIDGE;
    head.writeInt32LE(place.index(link), 4);
    // A permanent entry of a bridge is one of the bridge's own addresses.
    head.writeUInt16LE(entry.table === 'bridge' ? NUD.NOARP : NUD.PERMANENT, 8);
    head[10] = { tunnel: NTF.SELF, bridge: NTF.MASTER, neighbour: 0 }[entry.table];
    const target = to ? [attribute(NDA.DST, to)] : [];
    return request(verb === 'del' ? RTM.DELNEIGH : RTM.NEWNEIGH, flags, [
      head,
      attribute(NDA.LLADDR, lladdr),
      ...target,
    ]);
  };
}

/** The entries that somebody made for a link; what the kernel has learnt or made for itself is left out. */
export function decodeForwarding(message: Message, index: number): Forwarding | undefined {
  const { type, payload } = message;
  if (type !== RTM.NEWNEIGH || payload.readInt32LE(4) !== index) return undefined;
  const found = attributes(payload, 12);
  const address = found.get(NDA.LLADDR);
  const to = found.get(NDA.DST);
  const state = payload.readUInt16LE(8);
  if (address?.length !== 6) return undefined;
  const entry = { mac: macText(address) };
  if (payload[0] !== AF_BRIDGE) {
    return to && state & NUD.PERMANENT ? { table: 'neighbour', ...entry, to: ipText(to) } : undefined;
  }
  if (found.has(NDA.MASTER)) return state & NUD.NOARP ? { table: 'bridge', ...entry } : undefined;
  return to ? { table: 'tunnel', ...entry, to: ipText(to) } : undefined;
}

/** An address, and the index of its link, whose MAC was asked for without an answer. */
export function decodeUnanswered({ type, payload }: Message): { index: number; address: string } | undefined {
  if (type !== RTM.NEWNEIGH || payload[0] === AF_BRIDGE) return undefined;
  const to = attributes(payload, 12).get(NDA.DST);
  const failed = (payload.readUInt16LE(8) & NUD.FAILED) !== 0;
  return to && failed ? { index: payload.readInt32LE(4), address: ipText(to) } : undefined;
}

/**
 * The link of which an entry that somebody made went or changed; undefined for news of what the kernel learns by itself.
 */
export function forwardingNews({ type, payload }: Message): number | undefined {
  const lasting = type === RTM.NEWNEIGH && (payload.readUInt16LE(8) & (NUD.PERMANENT | NUD.NOARP)) !== 0;
  return lasting || type === RTM.DELNEIGH ? payload.readInt32LE(4) : undefined;
}

/** A request for the neighbours of every family, or for what bridges and tunnels know. */
export function forwardingDump(table: 'bridge' | 'neighbour'): Buffer {
  const head = Buffer.alloc(12);
  head[0] = table === 'bridge' ? AF_BRIDGE : 0;
  return request(RTM.GETNEIGH, FLAGS.DUMP, [head]);
}
