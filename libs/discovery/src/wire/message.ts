import { addressText } from './address.js';
import { HEADER_LENGTH, MAX_NAME_LENGTH, RCODE, TYPE, typeName } from './constants.js';
import { nameText } from './name.js';
import { lower, skipName, word } from './query.js';

export type Section = 'answer' | 'authority' | 'additional';

/** One record of a message, by its places in the message's bytes. */
export interface MessageRecord {
  section: Section;
  start: number;
  type: number;
  ttl: number;
  ttlAt: number;
  dataAt: number;
  dataLength: number;
}

/** A whole answer of another server. */
export interface Message {
  bytes: Uint8Array;
  id: number;
  rcode: number;
  truncated: boolean;
  questionEnd: number;
  records: MessageRecord[];
}

/** Undefined for what is no answer to one question, or breaks off anywhere. */
export function readMessage(bytes: Uint8Array): Message | undefined {
  if (bytes.length < HEADER_LENGTH || (bytes[2]! & 0x80) === 0 || word(bytes, 4) !== 1) return undefined;
  const nameEnd = skipName(bytes, HEADER_LENGTH, bytes.length);
  if (nameEnd < 0 || nameEnd + 4 > bytes.length) return undefined;
  const records: MessageRecord[] = [];
  let at = nameEnd + 4;
  for (const [index, section] of (['answer', 'authority', 'additional'] as const).entries()) {
    for (let left = word(bytes, 6 + 2 * index); left > 0; left--) {
      const start = at;
      at = skipName(bytes, start, bytes.length);
      if (at < 0 || at + 10 > bytes.length) return undefined;
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const dataLength = word(bytes, at + 8);
      const ttl = view.getUint32(at + 4);
      records.push({ section, start, type: word(bytes, at), ttl, ttlAt: at + 4, dataAt: at + 10, dataLength });
      at += 10 + dataLength;
      if (at > bytes.length) return undefined;
    }
  }
  const rcode = bytes[3]! & 0x0f;
  return { bytes, id: word(bytes, 0), rcode, truncated: (bytes[2]! & 0x02) !== 0, questionEnd: nameEnd + 4, records };
}

/** An error that does not say what was asked: a header and nothing else. Undefined for everything that is not that. */
export function readBareError(bytes: Uint8Array): Message | undefined {
  if (bytes.length < HEADER_LENGTH || (bytes[2]! & 0x80) === 0) return undefined;
  if ([4, 6, 8, 10].some((at) => word(bytes, at) !== 0)) return undefined;
  const rcode = bytes[3]! & 0x0f;
  // These say something of a name.
  if (rcode === RCODE.NOERROR || rcode === RCODE.NXDOMAIN) return undefined;
  return { bytes, id: word(bytes, 0), rcode, truncated: false, questionEnd: HEADER_LENGTH, records: [] };
}

/** `A 10.0.0.2`, `CNAME web.example`; types that are not known here in RFC 3597's way. */
export function recordText(bytes: Uint8Array, record: MessageRecord): string {
  const { type, dataAt, dataLength } = record;
  const data = bytes.subarray(dataAt, dataAt + dataLength);
  const name = (at: number) => nameAt(bytes, dataAt + at);
  const text = () => {
    if (type === TYPE.A && dataLength === 4) return addressText(data);
    if (type === TYPE.AAAA && dataLength === 16) return addressText(data);
    if (type === TYPE.PTR || type === TYPE.CNAME || type === TYPE.NS) return name(0);
    if (type === TYPE.SRV && dataLength > 6) return `${[0, 2, 4].map((at) => word(data, at)).join(' ')} ${name(6)}`;
    if (type === TYPE.MX && dataLength > 2) return `${word(data, 0)} ${name(2)}`;
    return `\\# ${dataLength} ${Buffer.from(data).toString('hex')}`;
  };
  return `${typeName(type)} ${text()}`;
}

/** A name that may be compressed; pointers lead backwards only, so that it ends. */
function nameAt(bytes: Uint8Array, start: number): string {
  let key = '';
  let at = start;
  let limit = start;
  while (key.length < MAX_NAME_LENGTH) {
    const size = bytes[at];
    if (size === undefined) return '?';
    if (size >= 0xc0) {
      const target = ((size & 0x3f) << 8) | (bytes[at + 1] ?? 0);
      if (target >= limit) return '?';
      limit = at = target;
      continue;
    }
    key += String.fromCharCode(size, ...bytes.subarray(at + 1, at + 1 + size));
    if (size === 0) return nameText(key);
    at += size + 1;
  }
  return '?';
}

/** Do a question and an answer ask for the same name, type and class? */
export function sameQuestion(a: Uint8Array, aEnd: number, b: Uint8Array, bEnd: number): boolean {
  if (aEnd !== bEnd) return false;
  for (let at = HEADER_LENGTH; at < aEnd - 4; at++) if (lower(a[at]!) !== lower(b[at]!)) return false;
  for (let at = aEnd - 4; at < aEnd; at++) if (a[at] !== b[at]) return false;
  return true;
}

/**
 * Seconds for which an answer may be kept: the shortest of its records; without answers what the SOA allows
 * (RFC 2308). 0: not at all.
 */
export function lifetime(message: Message): number {
  const kept = message.records.filter(({ type }) => type !== TYPE.OPT);
  if (kept.some(({ section }) => section === 'answer')) return Math.min(...kept.map(({ ttl }) => signed(ttl)));
  const soa = kept.find(({ type, dataLength }) => type === TYPE.SOA && dataLength >= 22);
  if (!soa) return 0;
  const { bytes } = message;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Math.min(signed(soa.ttl), signed(view.getUint32(soa.dataAt + soa.dataLength - 4)));
}

/** A TTL with its highest bit set counts as 0 (RFC 2181, section 8). */
const signed = (ttl: number): number => (ttl > 0x7fff_ffff ? 0 : ttl);
