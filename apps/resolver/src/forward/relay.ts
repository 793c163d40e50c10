import { HEADER_LENGTH, TYPE, putOpt, type Message, type MessageRecord, type Query } from '#lib/discovery';

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
 * @param limit bytes; what does not fit is left out as RFC 2181, section 9 has it
 */
export function clientAnswer(answer: Message, ageSeconds: number, bytes: Uint8Array, query: Query, limit: number) {
  const opt = query.edns ? OPT_LENGTH : 0;
  const { records, truncated } = fitting(answer, limit - opt);
  const end = endOf(answer, records);

  const message = new Uint8Array(end + opt);
  message.set(answer.bytes.subarray(0, end));
  message.set(bytes.subarray(query.start, query.questionEnd));
  const flags = answer.bytes;
  message[2] = 0x80 | (bytes[query.start + 2]! & 0x01) | (flags[2]! & 0x04) | (truncated ? 0x02 : 0);
  message[3] = 0x80 | (flags[3]! & 0x20) | (bytes[query.start + 3]! & 0x10) | answer.rcode;
  const view = new DataView(message.buffer);
  (['answer', 'authority', 'additional'] as const).forEach((section, i) => {
    const count = records.filter((record) => record.section === section).length;
    view.setUint16(6 + 2 * i, count + (i === 2 && query.edns ? 1 : 0));
  });
  for (const { ttl, ttlAt } of records) view.setUint32(ttlAt, Math.max(0, ttl - ageSeconds));
  if (query.edns) putOpt(message, end, 0);
  return message;
}

/**
 * The records to pass on, always the first ones of the message: pointers of compressed names lead backwards, so that
 * these stay whole. Additional records are the first to go, then authority beside an answer, each as a whole. `truncated`:
 * something is missing of what was asked for; there are as many records of it as fit.
 *
 * @param room bytes, without our OPT
 */
function fitting(answer: Message, room: number): { records: MessageRecord[]; truncated: boolean } {
  const opt = answer.records.findIndex(({ type }) => type === TYPE.OPT);
  // OPT is the last one, save for signatures of the message, which end here.
  const all = opt < 0 ? answer.records : answer.records.slice(0, opt);
  const main = all.filter(({ section }) => section !== 'additional');
  const answers = main.filter(({ section }) => section === 'answer');
  const needed = answers.length > 0 ? answers : main;
  const records = [all, main, needed].find((each) => endOf(answer, each) <= room);
  if (records) return { records, truncated: false };
  return { records: needed.filter((record) => recordEnd(record) <= room), truncated: true };
}

const recordEnd = ({ dataAt, dataLength }: MessageRecord): number => dataAt + dataLength;

function endOf(answer: Message, records: readonly MessageRecord[]): number {
  const last = records.at(-1);
  return last ? recordEnd(last) : answer.questionEnd;
}
