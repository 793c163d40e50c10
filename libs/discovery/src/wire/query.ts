import { CLASS_IN, HEADER_LENGTH, MAX_NAME_LENGTH, MAX_UDP_SIZE, PLAIN_UDP_SIZE, RCODE, TYPE } from './constants.js';
import { HASH_START, hashStep, type NameKey } from './name.js';

/** Not worth an answer: shorter than a header, or an answer itself (answering those makes loops). */
export const DROP = -1;

/**
 * One question, read in place: no allocation, so that the hot path uses one of these for all packets. Offsets are into
 * the buffer that `read` was given. Every read is within the packet, whatever its bytes are.
 */
export class Query {
  start = 0;
  /** first byte after the question section */
  questionEnd = 0;
  type = 0;
  /** `nameHash` of the question's name */
  hash = 0;
  edns = false;
  /** EDNS: the client wants DNSSEC's records */
  dnssecOk = false;
  checkingDisabled = false;
  /** bytes that a UDP answer may have */
  udpSize = PLAIN_UDP_SIZE;

  get nameStart(): number {
    return this.start + HEADER_LENGTH;
  }

  get nameLength(): number {
    return this.questionEnd - 4 - this.nameStart;
  }

  /**
   * @returns NOERROR for a question that can be answered, DROP, or the rcode of the error to answer with. After an
   * error `questionEnd` is the end of what can be echoed.
   */
  read(bytes: Uint8Array, start: number, length: number): number {
    const end = start + length;
    this.start = start;
    this.questionEnd = start + HEADER_LENGTH;
    this.edns = false;
    this.dnssecOk = false;
    this.udpSize = PLAIN_UDP_SIZE;
    if (length < HEADER_LENGTH || (bytes[start + 2]! & 0x80) !== 0) return DROP;
    this.checkingDisabled = (bytes[start + 3]! & 0x10) !== 0;
    if ((bytes[start + 2]! & 0x78) !== 0) return RCODE.NOTIMP;
    const records = word(bytes, start + 6) + word(bytes, start + 8);
    if (word(bytes, start + 4) !== 1 || records !== 0) return RCODE.FORMERR;

    const nameEnd = this.#name(bytes, start + HEADER_LENGTH, end);
    if (nameEnd < 0 || nameEnd + 4 > end) return RCODE.FORMERR;
    this.type = word(bytes, nameEnd);
    this.questionEnd = nameEnd + 4;
    const outcome = this.#additional(bytes, nameEnd + 4, end, word(bytes, start + 10));
    if (outcome !== RCODE.NOERROR) return outcome;
    return word(bytes, nameEnd + 2) === CLASS_IN ? RCODE.NOERROR : RCODE.REFUSED;
  }

  /** The question's name as a key; allocates. */
  key(bytes: Uint8Array): NameKey {
    let key = '';
    for (let at = this.nameStart; at < this.questionEnd - 4; at++) key += String.fromCharCode(lower(bytes[at]!));
    return key;
  }

  /** The end of an uncompressed name (a question has nothing to point to), or -1. */
  #name(bytes: Uint8Array, start: number, end: number): number {
    let hash = HASH_START;
    let at = start;
    while (at < end && at - start < MAX_NAME_LENGTH) {
      const size = bytes[at]!;
      hash = hashStep(hash, size);
      at++;
      if (size === 0) {
        this.hash = hash;
        return at;
      }
      if (size > 63 || at + size >= end) return -1;
      for (const stop = at + size; at < stop; at++) hash = hashStep(hash, lower(bytes[at]!));
    }
    return -1;
  }

  /** Looks for EDNS (RFC 6891) among the additional records; others, such as signatures, are passed over. */
  #additional(bytes: Uint8Array, start: number, end: number, count: number): number {
    let at = start;
    for (let i = 0; i < count; i++) {
      const root = bytes[at] === 0;
      at = skipName(bytes, at, end);
      if (at < 0 || at + 10 > end) return RCODE.FORMERR;
      const next = at + 10 + word(bytes, at + 8);
      if (next > end) return RCODE.FORMERR;
      if (word(bytes, at) === TYPE.OPT) {
        if (!root || this.edns) return RCODE.FORMERR;
        this.edns = true;
        this.udpSize = Math.min(Math.max(word(bytes, at + 2), PLAIN_UDP_SIZE), MAX_UDP_SIZE);
        this.dnssecOk = (bytes[at + 6]! & 0x80) !== 0;
        if (bytes[at + 5] !== 0) return RCODE.BADVERS;
      }
      at = next;
    }
    return RCODE.NOERROR;
  }
}

/** The end of a name that may be compressed, or -1. Pointers are passed over, not followed. */
export function skipName(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end) {
    const size = bytes[at]!;
    if (size === 0) return at + 1;
    if (size >= 0xc0) return at + 2 <= end ? at + 2 : -1;
    if (size > 63) return -1;
    at += size + 1;
  }
  return -1;
}

export const word = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;

export const lower = (byte: number): number => (byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte);
