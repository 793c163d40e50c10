import packet from 'dns-packet';
import { describe, expect, it } from 'vitest';
import { question } from '../fixtures.js';
import { lifetime, readMessage, recordText, sameQuestion } from './message.js';

const soa = { mname: 'ns.example', rname: 'admin.example', serial: 1, refresh: 2, retry: 3, expire: 4, minimum: 30 };

const response = (more: packet.Packet, rcode = 0): Uint8Array =>
  packet.encode({ type: 'response', id: 7, flags: rcode, questions: [{ type: 'A', name: 'www.example' }], ...more });

describe('readMessage', () => {
  it('finds records and what they say', () => {
    const bytes = response({
      answers: [
        { type: 'CNAME', name: 'www.example', ttl: 60, data: 'host.example' },
        { type: 'A', name: 'host.example', ttl: 20, data: '192.0.2.1' },
        { type: 'AAAA', name: 'host.example', ttl: 40, data: '2001:db8::1' },
        { type: 'SRV', name: 'host.example', ttl: 40, data: { port: 80, target: 'x.example', priority: 1, weight: 2 } },
        { type: 'MX', name: 'host.example', ttl: 40, data: { preference: 10, exchange: 'mail.example' } },
      ],
    });
    const message = readMessage(bytes)!;
    expect(message).toMatchObject({ id: 7, rcode: 0, truncated: false });
    expect(message.records.map((record) => recordText(bytes, record))).toEqual([
      'CNAME host.example',
      'A 192.0.2.1',
      'AAAA 2001:db8::1',
      'SRV 1 2 80 x.example',
      'MX 10 mail.example',
    ]);
    expect(lifetime(message)).toBe(20);
  });

  it('refuses what is no whole answer', () => {
    const bytes = response({ answers: [{ type: 'A', name: 'www.example', ttl: 60, data: '192.0.2.1' }] });
    for (let length = 0; length < bytes.length; length++)
      expect(readMessage(bytes.subarray(0, length))).toBeUndefined();
    expect(readMessage(question('www.example', 'A'))).toBeUndefined();
  });

  it('a name that points to itself ends', () => {
    const bytes = Buffer.from(response({ answers: [{ type: 'CNAME', name: 'www.example', ttl: 1, data: 'a.b' }] }));
    const record = readMessage(bytes)!.records[0]!;
    bytes.writeUInt16BE(0xc000 | record.dataAt, record.dataAt);
    expect(recordText(bytes, record)).toBe('CNAME ?');
  });
});

describe('lifetime', () => {
  it('of an answer without records is what the SOA allows', () => {
    const authorities: packet.Answer[] = [{ type: 'SOA', name: 'example', ttl: 900, data: soa }];
    expect(lifetime(readMessage(response({ authorities }, 3))!)).toBe(30);
    expect(lifetime(readMessage(response({}, 3))!)).toBe(0);
  });

  it('takes a TTL with its highest bit as 0', () => {
    const answers: packet.Answer[] = [{ type: 'A', name: 'www.example', ttl: 0x8000_0001, data: '192.0.2.1' }];
    expect(lifetime(readMessage(response({ answers }))!)).toBe(0);
  });
});

it('sameQuestion compares names without case, and types', () => {
  const same = (a: Uint8Array, b: Uint8Array) => sameQuestion(a, a.length, b, b.length);
  expect(same(question('WWW.example', 'A'), question('www.EXAMPLE', 'A'))).toBe(true);
  expect(same(question('www.example', 'A'), question('www.example', 'AAAA'))).toBe(false);
  expect(same(question('www.example', 'A'), question('wwx.example', 'A'))).toBe(false);
});
