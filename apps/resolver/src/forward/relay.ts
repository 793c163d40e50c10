import { HEADER_LENGTH, TYPE, putOpt, type Message, type Query } from '#lib/discovery';

// Messages on their way from a client to another server and back.

/** Bytes of a UDP answer that we ask other servers for: small enough not to be fragmented anywhere. */
const UPSTREAM_UDP_SIZE = 1232;
const OPT_LENGTH = 11;

/** The question for another server. @param edns some old servers do not know it */
export function upstreamQuestion(bytes: Uint8Array, query: Query, edns: boolean): Uint8Array {
  const question = bytes.subarray(query.start + HEADER_LENGTH, query.questionEnd);
  const end = HEADER_LENGTH + question.length;
  const message = new Uint8Array(end + (edns ? OPT_LENGTH : 0));
  message.set([0, 0, 0x01, query.checkingDisabled ? 0x10 : 0, 0, 1, 0, 0, 0, 0, 0, edns ? 1 : 0]);
  message.set(question, HEADER_LENGTH);
  if (edns) putOpt(message, end, 0, UPSTREAM_UDP_SIZE, query.dnssecOk);
  return message;
}

/**
 * Another server's answer, made into an answer to this question: its id, its way of writing the name, TTLs less what
 * they have aged, and our own EDNS record in place of theirs.
 *
 * @param limit bytes; a longer answer is truncated to nothing, and TC says so
 */
export function clientAnswer(answer: Message, ageSeconds: number, bytes: Uint8Array, query: Query, limit: number) {
  const opt = query.edns ? OPT_LENGTH : 0;
  const last = answer.records.findIndex(({ type }) => type === TYPE.OPT);
  // Only records before OPT are passed on: it is the last one, save for signatures of the message, which end here.
  const kept = last < 0 ? answer.records : answer.records.slice(0, last);
  const bodyEnd = last < 0 ? lastByte(answer) : answer.records[last]!.start;
  const truncated = bodyEnd + opt > limit;
  const end = truncated ? answer.questionEnd : bodyEnd;

  const message = new Uint8Array(end + opt);
  message.set(answer.bytes.subarray(0, end));
  message.set(bytes.subarray(query.start, query.questionEnd));
  const flags = answer.bytes;
  message[2] = 0x80 | (bytes[query.start + 2]! & 0x01) | (flags[2]! & 0x04) | (truncated ? 0x02 : 0);
  message[3] = 0x80 | (flags[3]! & 0x20) | (bytes[query.start + 3]! & 0x10) | answer.rcode;
  const view = new DataView(message.buffer);
  const sections = ['answer', 'authority', 'additional'] as const;
  const counts = sections.map((section) =>
    truncated ? 0 : kept.filter((record) => record.section === section).length,
  );
  counts.forEach((count, i) => view.setUint16(6 + 2 * i, count + (i === 2 && query.edns ? 1 : 0)));
  if (!truncated) for (const { ttl, ttlAt } of kept) view.setUint32(ttlAt, Math.max(0, ttl - ageSeconds));
  if (query.edns) putOpt(message, end, 0);
  return message;
}

function lastByte(answer: Message): number {
  const record = answer.records.at(-1);
  return record ? record.dataAt + record.dataLength : answer.questionEnd;
}
