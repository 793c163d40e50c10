import type { Owned, Refused } from './names/name-table.js';
import type { Turns } from './rotation.js';
import { OPT_LENGTH, RCODE } from './wire/constants.js';
import type { Query } from './wire/query.js';
import { putCounts, putFlags, putOpt } from './wire/reply.js';

/**
 * The whole answer to a question that `query` has read from `bytes`, in a buffer of its own.
 * @param limit bytes; what does not fit is left out, whole records at a time, and TC says so
 */
export function answerMessage(
  bytes: Uint8Array,
  query: Query,
  resolution: Owned | Refused,
  turns: Turns,
  limit: number,
): Uint8Array {
  const rcode = resolution.kind === 'refused' ? RCODE.NXDOMAIN : RCODE.NOERROR;
  const set = resolution.kind === 'owned' ? resolution.set : undefined;
  const first = set ? turns.next(set) : 0;
  const answers = set ? [...set.records.slice(first), ...set.records.slice(0, first)] : [];
  const authority = set ? [] : [resolution.soa];

  const question = bytes.subarray(query.start, query.questionEnd);
  let room = limit - question.length - (query.edns ? OPT_LENGTH : 0);
  const fitting = (records: readonly Uint8Array[]): readonly Uint8Array[] => {
    const many = records.findIndex((record) => (room -= record.length) < 0);
    return many < 0 ? records : records.slice(0, many);
  };
  const sections = [fitting(answers), fitting(authority), fitting(set?.additional ?? [])] as const;
  const truncated = sections[0].length < answers.length;

  const size = sections.flat().reduce((sum, record) => sum + record.length, question.length);
  const message = new Uint8Array(size + (query.edns ? OPT_LENGTH : 0));
  message.set(question);
  putFlags(message, 0, rcode, true, truncated);
  let at = question.length;
  for (const record of sections.flat()) {
    message.set(record, at);
    at += record.length;
  }
  if (query.edns) putOpt(message, at, rcode);
  putCounts(message, 0, sections[0].length, sections[1].length, sections[2].length + (query.edns ? 1 : 0));
  return message;
}
