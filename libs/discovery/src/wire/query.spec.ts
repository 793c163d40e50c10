import { describe, expect, it } from 'vitest';
import { question } from '../fixtures.js';
import { MAX_UDP_SIZE, RCODE, TYPE } from './constants.js';
import { nameBytes, nameHash, nameKey } from './name.js';
import { DROP, Query } from './query.js';
import { errorMessage } from './reply.js';

const read = (bytes: Uint8Array): { query: Query; outcome: number } => {
  const query = new Query();
  return { query, outcome: query.read(bytes, 0, bytes.length) };
};

const changed = (at: number, ...values: number[]): Uint8Array => {
  const bytes = Uint8Array.from(question('web', 'A'));
  bytes.set(values, at);
  return bytes;
};

describe('Query', () => {
  it('reads a question in the middle of a buffer', () => {
    const bytes = question('Web.Front', 'AAAA');
    const buffer = new Uint8Array(bytes.length + 200).fill(0xff);
    buffer.set(bytes, 100);
    const query = new Query();
    expect(query.read(buffer, 100, bytes.length)).toBe(RCODE.NOERROR);
    expect(query.type).toBe(TYPE.AAAA);
    expect(query.key(buffer)).toBe(nameKey('web.front'));
    expect(query.hash).toBe(nameHash(nameBytes(nameKey('web.front')!)));
    expect(query.questionEnd).toBe(100 + bytes.length);
  });

  it.each([
    ['no EDNS', undefined, 512],
    ['a size below the least', 100, 512],
    ['a usual size', 1232, 1232],
    ['a size above ours', 65_000, MAX_UDP_SIZE],
  ])('UDP size: %s', (_what, udpPayloadSize, size) => {
    const { query, outcome } = read(question('web', 'A', udpPayloadSize ? { udpPayloadSize } : undefined));
    expect(outcome).toBe(RCODE.NOERROR);
    expect(query.udpSize).toBe(size);
    expect(query.edns).toBe(udpPayloadSize !== undefined);
  });

  it('sees the flag for DNSSEC, and forgets it with the next question', () => {
    const query = new Query();
    const wants = question('web', 'A', { udpPayloadSize: 1232, flags: 0x8000 });
    query.read(wants, 0, wants.length);
    expect(query.dnssecOk).toBe(true);
    const plain = question('web', 'A');
    query.read(plain, 0, plain.length);
    expect([query.dnssecOk, query.edns]).toEqual([false, false]);
  });

  it.each([
    ['nothing', new Uint8Array(0), DROP],
    ['less than a header', question('web', 'A').subarray(0, 11), DROP],
    ['an answer', changed(2, 0x80), DROP],
    ['an update (opcode 5)', changed(2, 0x28), RCODE.NOTIMP],
    ['no question', changed(4, 0, 0), RCODE.FORMERR],
    ['two questions', changed(4, 0, 2), RCODE.FORMERR],
    ['an answer record', changed(6, 0, 1), RCODE.FORMERR],
    ['a compressed name', changed(12, 0xc0, 12), RCODE.FORMERR],
    ['a label of 64 bytes', changed(12, 64), RCODE.FORMERR],
    ['a name that does not end', changed(12, 60), RCODE.FORMERR],
    ['a name without type and class', question('web', 'A').subarray(0, 18), RCODE.FORMERR],
    ['class CHAOS', changed(20, 3), RCODE.REFUSED],
    ['more additional records than there are', changed(10, 0, 9), RCODE.FORMERR],
  ])('refuses %s', (_what, bytes, outcome) => {
    expect(read(bytes).outcome).toBe(outcome);
  });

  it('refuses a name of more than 255 bytes', () => {
    const label = [63, ...Buffer.alloc(63, 'a')];
    const bytes = Uint8Array.from([
      ...question('', 'A').subarray(0, 12),
      ...label,
      ...label,
      ...label,
      ...label,
      0,
      0,
      1,
      0,
      1,
    ]);
    expect(read(bytes).outcome).toBe(RCODE.FORMERR);
  });

  it('answers an unknown EDNS version with BADVERS', () => {
    const bytes = Uint8Array.from(question('web', 'A', { udpPayloadSize: 1232 }));
    bytes[bytes.length - 5] = 1;
    const { query, outcome } = read(bytes);
    expect(outcome).toBe(RCODE.BADVERS);
    const answer = errorMessage(bytes, query, outcome);
    // The low four bits are in the header, the others in the OPT record.
    expect([answer[3]! & 0x0f, answer.at(-6)]).toEqual([0, 1]);
  });

  it('echoes a question with its error, and no question when it could not be read', () => {
    const refused = changed(20, 3);
    expect([...errorMessage(refused, read(refused).query, RCODE.REFUSED).subarray(4, 6)]).toEqual([0, 1]);
    const broken = changed(12, 60);
    expect(errorMessage(broken, read(broken).query, RCODE.FORMERR)).toHaveLength(12);
  });
});
