import packet, { type Answer } from 'dns-packet';
import { describe, expect, it } from 'vitest';
import { Query, readMessage } from '#lib/discovery';
import { clientAnswer, upstreamQuestion } from './relay.js';

const OPT = {
  type: 'OPT',
  name: '.',
  udpPayloadSize: 1400,
  extendedRcode: 0,
  ednsVersion: 0,
  flags: 0,
  options: [],
} as unknown as Answer;

function asked(name: string, edns: boolean) {
  const questions = [{ type: 'A' as const, name }];
  const bytes = packet.encode({
    type: 'query',
    id: 77,
    flags: packet.RECURSION_DESIRED,
    questions,
    additionals: edns ? [OPT] : [],
  });
  const query = new Query();
  expect(query.read(bytes, 0, bytes.length)).toBe(0);
  return { bytes, query };
}

const answer = (count: number, additionals: Answer[] = [OPT]) => {
  const answers = Array.from({ length: count }, (_, i) => ({
    type: 'A' as const,
    name: 'www.test',
    ttl: 60,
    data: `192.0.2.${i}`,
  }));
  const questions = [{ type: 'A' as const, name: 'www.test' }];
  return readMessage(
    packet.encode({ type: 'response', id: 5, flags: packet.AUTHENTIC_DATA, questions, answers, additionals }),
  )!;
};

describe('upstreamQuestion', () => {
  it('asks the same, with recursion, and with EDNS where the server knows it', () => {
    const { bytes, query } = asked('WWW.test', false);
    const message = packet.decode(Buffer.from(upstreamQuestion(bytes, query, true)));
    expect(message).toMatchObject({ type: 'query', flag_rd: true, questions: [{ name: 'WWW.test', type: 'A' }] });
    expect(message.additionals).toMatchObject([{ type: 'OPT', udpPayloadSize: 1232 }]);
    expect(packet.decode(Buffer.from(upstreamQuestion(bytes, query, false))).additionals).toEqual([]);
  });
});

describe('clientAnswer', () => {
  const read = (bytes: Uint8Array) =>
    packet.decode(Buffer.from(bytes)) as packet.Packet & { flag_tc: boolean; flag_ad: boolean };

  it("has the client's id and case, TTLs less their age, and EDNS only when the client has it", () => {
    const { bytes, query } = asked('wWw.test', false);
    const message = read(clientAnswer(answer(2), 50, bytes, query, 512));
    expect(message).toMatchObject({
      id: 77,
      flag_tc: false,
      flag_ad: true,
      questions: [{ name: 'wWw.test' }],
      additionals: [],
    });
    expect(message.answers).toMatchObject([
      { ttl: 10, data: '192.0.2.0' },
      { ttl: 10, data: '192.0.2.1' },
    ]);
    const again = asked('www.test', true);
    const withEdns = read(clientAnswer(answer(2), 90, again.bytes, again.query, 512));
    expect(withEdns.additionals).toMatchObject([{ type: 'OPT', udpPayloadSize: 4096 }]);
    expect(withEdns.answers).toMatchObject([{ ttl: 0 }, { ttl: 0 }]);
  });

  it('has as many answers as fit, and says so', () => {
    const { bytes, query } = asked('www.test', true);
    const fits = clientAnswer(answer(200), 0, bytes, query, 0xffff);
    expect(read(fits).flag_tc).toBe(false);
    expect(read(fits).answers).toHaveLength(200);
    const cut = clientAnswer(answer(200), 20, bytes, query, 512);
    const message = read(cut);
    expect(message).toMatchObject({ flag_tc: true, additionals: [{ type: 'OPT' }] });
    const [first, second] = readMessage(fits)!.records;
    expect(message.answers).toHaveLength(Math.floor((512 - 26 - 11) / (second!.start - first!.start)));
    expect(message.answers!.at(-1)).toMatchObject({ name: 'www.test', ttl: 40, data: expect.stringMatching(/^192/) });
    expect(cut.length).toBeLessThanOrEqual(512);
  });

  const text = (size: number): Answer => ({ type: 'TXT', name: 'more.test', ttl: 60, data: 'x'.repeat(size) });
  const ns: Answer = { type: 'NS', name: 'test', ttl: 60, data: 'ns.test' };

  it.each([
    ['additional records', [ns], [text(200), text(200), text(200)], 1],
    ['authority as well', [ns, text(200), text(200), text(200)], [], 0],
  ])('leaves out %s before answers, and does not call that truncated', (_what, authorities, additionals, left) => {
    const { bytes, query } = asked('www.test', true);
    const whole = packet.decode(Buffer.from(answer(2, []).bytes));
    const long = readMessage(packet.encode({ ...whole, authorities, additionals: [...additionals, OPT] }))!;
    expect(long.bytes.length).toBeGreaterThan(600);
    const message = read(clientAnswer(long, 0, bytes, query, 512));
    expect(message.flag_tc).toBe(false);
    expect(message.answers).toHaveLength(2);
    expect(message.authorities).toHaveLength(left);
    expect(message.additionals).toMatchObject([{ type: 'OPT' }]);
  });

  it('is truncated where there is no answer and authority does not fit', () => {
    const { bytes, query } = asked('www.test', false);
    const whole = packet.decode(Buffer.from(answer(0, []).bytes));
    const long = readMessage(packet.encode({ ...whole, authorities: [ns, text(200), text(200), text(200)] }))!;
    const message = read(clientAnswer(long, 0, bytes, query, 512));
    expect(message).toMatchObject({ flag_tc: true, answers: [], additionals: [] });
    expect(message.authorities).toHaveLength(3);
  });

  it('keeps additional records that come before EDNS, and leaves out what comes after', () => {
    const { bytes, query } = asked('www.test', false);
    const extra = (name: string): Answer => ({ type: 'A', name, ttl: 60, data: '192.0.2.9' });
    const message = read(
      clientAnswer(answer(1, [extra('before.test'), OPT, extra('after.test')]), 0, bytes, query, 512),
    );
    expect(message.additionals).toMatchObject([{ name: 'before.test' }]);
  });
});
