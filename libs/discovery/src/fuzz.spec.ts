import { expect, it } from 'vitest';
import { answerMessage } from './answer.js';
import { question, replica, sandbox, zone } from './fixtures.js';
import { Answerer } from './image/answerer.js';
import { compileZone } from './image/compile.js';
import { NameTable } from './names/name-table.js';
import { Turns } from './rotation.js';
import { MAX_UDP_SIZE, RCODE } from './wire/constants.js';
import { readMessage, recordText } from './wire/message.js';
import { Query } from './wire/query.js';

/** mulberry32: a failure can be repeated. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return Math.floor((((value ^ (value >>> 14)) >>> 0) / 0x1_0000_0000) * below);
  };
}

it('100,000 broken packets: no exception, nothing written outside the packet, answers that can be read', () => {
  const random = generator(20_251_124);
  const table = new NameTable();
  const members = Array.from({ length: 40 }, (_, i) => replica('web', i, [`10.0.0.${i}`, `2001:db8::${i}`]));
  const images = [compileZone(table.setZone(zone('front', members)))];
  table.setSandbox(sandbox(['front']));
  const asker = { images, turns: new Turns() };
  const answerer = new Answerer();
  const seeds = ['web', 'tasks.web.front', 'nobody.example', '_80._tcp.web'].flatMap((name) =>
    ['A', 'AAAA', 'SRV'].flatMap((type) => [question(name, type), question(name, type, { udpPayloadSize: 1232 })]),
  );
  const guard = 64;
  let answered = 0;

  for (let round = 0; round < 100_000; round++) {
    let bytes = Uint8Array.from(seeds[random(seeds.length)]!);
    if (random(4) === 0) bytes = Uint8Array.from({ length: random(80) }, () => random(256));
    for (let changes = random(4); changes > 0 && bytes.length > 0; changes--) bytes[random(bytes.length)] = random(256);
    if (random(3) === 0) bytes = bytes.subarray(0, random(bytes.length + 1));

    const buffer = new Uint8Array(guard + MAX_UDP_SIZE + guard).fill(0xaa);
    buffer.set(bytes, guard);
    const length = answerer.answer(buffer, guard, bytes.length, asker);
    if (!buffer.subarray(0, guard).every((byte) => byte === 0xaa)) throw new Error(`round ${round}: wrote before`);
    if (!buffer.subarray(guard + MAX_UDP_SIZE).every((byte) => byte === 0xaa))
      throw new Error(`round ${round}: wrote after`);
    if (length > 0) {
      answered++;
      const answer = buffer.subarray(guard, guard + length);
      const message = readMessage(answer);
      if (answerer.rcode === RCODE.NOERROR && !message) throw new Error(`round ${round}: unreadable answer`);
      for (const record of message?.records ?? []) recordText(answer, record);
    }

    const query = new Query();
    if (query.read(bytes, 0, bytes.length) === RCODE.NOERROR) {
      const resolution = table.resolve('asker', query.key(bytes), query.type)!;
      if (resolution.kind !== 'forward') answerMessage(bytes, query, resolution, asker.turns, query.udpSize);
    }
    const reply = Uint8Array.from(bytes);
    if (reply.length > 2) reply[2]! |= 0x80;
    for (const record of readMessage(reply)?.records ?? []) recordText(reply, record);
  }
  expect(answered).toBeGreaterThan(20_000);
}, 60_000);
