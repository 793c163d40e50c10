import { HEADER_LENGTH, MAX_UDP_SIZE, OPT_LENGTH, RCODE, TYPE } from './constants.js';
import type { Query } from './query.js';

// An answer is made in the buffer of its question: id, question and the question's case are there already.

/** Writes counts of the sections after the question. */
export function putCounts(bytes: Uint8Array, start: number, answers: number, authority: number, extra: number): void {
  putWord(bytes, start + 6, answers);
  putWord(bytes, start + 8, authority);
  putWord(bytes, start + 10, extra);
}

/**
 * Turns the question's flags into those of an answer: RD and CD are echoed, recursion is available.
 * @param authoritative the name is ours
 * @param truncated the client shall ask again over TCP
 */
export function putFlags(
  bytes: Uint8Array,
  start: number,
  rcode: number,
  authoritative: boolean,
  truncated: boolean,
): void {
  bytes[start + 2] = 0x80 | (bytes[start + 2]! & 0x79) | (authoritative ? 0x04 : 0) | (truncated ? 0x02 : 0);
  bytes[start + 3] = 0x80 | (bytes[start + 3]! & 0x10) | (rcode & 0x0f);
}

/**
 * Appends an OPT record and returns its end; the upper bits of an extended rcode go with it.
 * @param size bytes of a UDP message that we take
 */
export function putOpt(bytes: Uint8Array, at: number, rcode: number, size = MAX_UDP_SIZE, dnssecOk = false): number {
  bytes[at] = 0;
  putWord(bytes, at + 1, TYPE.OPT);
  putWord(bytes, at + 3, size);
  bytes.fill(0, at + 5, at + OPT_LENGTH);
  bytes[at + 5] = rcode >> 4;
  bytes[at + 7] = dnssecOk ? 0x80 : 0;
  return at + OPT_LENGTH;
}

/**
 * Makes the question into an answer without records.
 * @returns the answer's length in bytes
 */
export function putError(bytes: Uint8Array, query: Query, rcode: number): number {
  const { start, questionEnd } = query;
  const opt = query.edns || rcode === RCODE.BADVERS;
  putWord(bytes, start + 4, questionEnd > start + HEADER_LENGTH ? 1 : 0);
  putFlags(bytes, start, rcode, false, false);
  putCounts(bytes, start, 0, 0, opt ? 1 : 0);
  return (opt ? putOpt(bytes, questionEnd, rcode) : questionEnd) - start;
}

/** The same in a buffer of its own, for a question that begins where `bytes` do. */
export function errorMessage(bytes: Uint8Array, query: Query, rcode: number): Uint8Array {
  const message = new Uint8Array(query.questionEnd + OPT_LENGTH);
  message.set(bytes.subarray(0, query.questionEnd));
  return message.subarray(0, putError(message, query, rcode));
}

export function putWord(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >> 8;
  bytes[at + 1] = value & 0xff;
}
