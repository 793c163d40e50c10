import { FLAGS, RTM } from '../codec.js';
import { attribute, ip, request, u32 } from '../encode.js';
import type { Request } from './request.js';
import { Words } from './words.js';

// include/uapi/linux/{if_addr,rtnetlink}.h
const IFA = { ADDRESS: 1, LOCAL: 2 } as const;
const IFA_F_NODAD = 2;
const RTA = { OIF: 4, GATEWAY: 5 } as const;
const TABLE_MAIN = 254;
const PROTOCOL_BOOT = 3;
const SCOPE = { UNIVERSE: 0, HOST: 254, NOWHERE: 255 } as const;
const TYPE_UNICAST = 1;
const FAMILY = { ipv4: 2, ipv6: 10 } as const;

/** How `add` and `replace` differ. */
const FLAGS_OF: Readonly<Record<string, number>> = {
  add: FLAGS.CREATE | FLAGS.EXCL,
  replace: FLAGS.CREATE | FLAGS.REPLACE,
  del: 0,
};

/** `add|replace|del ADDRESS/PREFIX dev N [nodad]` */
export function addressRequest(verb: string, line: readonly string[]): Request | undefined {
  const [subnet = '', ...rest] = line;
  const [address = '', prefix = '', ...more] = subnet.split('/');
  const flags = FLAGS_OF[verb];
  const words = Words.of(rest, ['dev'], ['nodad']);
  const link = words?.get('dev');
  const bytes = ip(address);
  if (flags === undefined || !words || link === undefined || !bytes) return undefined;
  if (more.length > 0 || !/^\d{1,3}$/.test(prefix) || Number(prefix) > bytes.length * 8) return undefined;
  return (place) => {
    const head = Buffer.alloc(8); // struct ifaddrmsg
    head[0] = familyOf(bytes);
    head[1] = Number(prefix);
    head[2] = words.has('nodad') ? IFA_F_NODAD : 0;
    head[3] = bytes.length === 4 && bytes[0] === 127 ? SCOPE.HOST : SCOPE.UNIVERSE;
    head.writeUInt32LE(place.index(link), 4);
    const both = [attribute(IFA.LOCAL, bytes), attribute(IFA.ADDRESS, bytes)];
    return request(verb === 'del' ? RTM.DELADDR : RTM.NEWADDR, flags, [head, ...both]);
  };
}

/** `add|replace|del default via ADDRESS dev N [proto MAKER]`, in the main table */
export function routeRequest(verb: string, line: readonly string[]): Request | undefined {
  const flags = FLAGS_OF[verb];
  const words = Words.of(line, ['via', 'dev', 'proto'], ['default']);
  const link = words?.get('dev');
  const gateway = ip(words?.get('via') ?? '');
  const maker = words?.has('proto') ? words.number('proto') : PROTOCOL_BOOT;
  if (flags === undefined || !words?.has('default') || link === undefined || !gateway || maker === undefined)
    return undefined;
  const deletes = verb === 'del';
  return (place) => {
    const head = Buffer.alloc(12); // struct rtmsg
    head[0] = familyOf(gateway);
    head[4] = TABLE_MAIN;
    head[5] = deletes ? 0 : maker;
    head[6] = deletes ? SCOPE.NOWHERE : SCOPE.UNIVERSE;
    head[7] = deletes ? 0 : TYPE_UNICAST;
    const there = [attribute(RTA.GATEWAY, gateway), attribute(RTA.OIF, u32(place.index(link)))];
    return request(deletes ? RTM.DELROUTE : RTM.NEWROUTE, flags, [head, ...there]);
  };
}

const familyOf = (bytes: Buffer) => (bytes.length === 4 ? FAMILY.ipv4 : FAMILY.ipv6);
