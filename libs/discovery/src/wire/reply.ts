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

/** Appends our OPT record and returns the end; the upper bits of an extended rcode go with it. */
export function putOpt(bytes: Uint8Array, at: number, rcode: number): number {
  bytes[at] = 0;
  putWord(bytes, at + 1, TYPE.OPT);
  putWord(bytes, at + 3, MAX_UDP_SIZE);
  bytes[at + 5] = rcode >> 4;
  bytes.fill(0, at + 6, at + OPT_LENGTH);
  return at + OPT_LENGTH;
}

/**
 * Makes the question into an answer without records.
 * @returns the answer's length in bytes
 */
export function putError(bytes: Uint8Array, query: Query, rcode: number): number {
  const { start } = query;
  putWord(bytes, start + 4, query.questionEnd > start + HEADER_LENGTH ? 1 : 0);
  putFlags(bytes, start, rcode, false, false);
  const opt = query.edns || rcode === RCODE.BADVERS;
  putCounts(bytes, start, 0, 0, opt ? 1 : 0);
  const end = opt ? putOpt(bytes, query.questionEnd, rcode) : query.questionEnd;
  return end - start;
}

export function putWord(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >> 8;
  bytes[at + 1] = value & 0xff;
}
