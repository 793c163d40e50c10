import { describe, expect, it } from 'vitest';
import { AF, conversationsDump, decodeConversation, forgetRequest } from './conversations.js';
import { messages } from './codec.js';
import { attribute, ip, u32 } from './encode.js';

const NEW = 0x100;
const port = (number: number) => Buffer.from([number >> 8, number & 0xff]);
const tuple = (kind: number, from: string, to: string, ports: [number, number], protocol = 17) => {
  const [src, dst] = from.includes(':') ? [3, 4] : [1, 2];
  return attribute(
    kind | 0x8000,
    attribute(1 | 0x8000, attribute(src, ip(from)!), attribute(dst, ip(to)!)),
    attribute(
      2 | 0x8000,
      attribute(1, Buffer.from([protocol])),
      attribute(2, port(ports[0])),
      attribute(3, port(ports[1])),
    ),
  );
};
const told = (family: number, ...parts: Buffer[]) => ({
  type: NEW,
  flags: 0,
  payload: Buffer.concat([Buffer.from([family, 0, 0, 0]), ...parts]),
});

describe('conversations as the kernel tells of them', () => {
  it('are to whom was spoken, and with whom it was led to', () => {
    const v4 = told(2, tuple(1, '10.9.0.5', '10.9.0.1', [4000, 53]), tuple(2, '10.9.0.6', '10.9.0.5', [5353, 4000]));
    expect(decodeConversation(v4)).toMatchObject({
      from: { address: '10.9.0.5', port: 4000 },
      to: { address: '10.9.0.1', port: 53 },
      with: { address: '10.9.0.6', port: 5353 },
      back: { address: '10.9.0.5', port: 4000 },
    });
    const v6 = told(10, tuple(1, 'fd09::5', 'fd09::1', [4000, 53]), tuple(2, 'fd09::6', 'fd09::5', [53, 4000]));
    expect(decodeConversation(v6)).toMatchObject({ to: { address: 'fd09::1' }, with: { address: 'fd09::6' } });
  });

  it('are none of TCP, and nothing else that comes', () => {
    const tcp = told(2, tuple(1, '10.9.0.5', '10.9.0.1', [1, 2], 6), tuple(2, '10.9.0.6', '10.9.0.5', [2, 1], 6));
    expect(decodeConversation(tcp)).toBeUndefined();
    expect(decodeConversation({ ...tcp, type: 3 })).toBeUndefined();
    expect(decodeConversation(told(2))).toBeUndefined();
  });

  it('are forgotten by all that names them', () => {
    const orig = tuple(1, '10.9.0.5', '10.9.0.1', [4000, 53]);
    const [id, zone] = [attribute(12, u32(0x01020304)), attribute(18, port(7))];
    const reply = tuple(2, '10.9.0.6', '10.9.0.5', [53, 4000]);
    const found = decodeConversation(told(2, orig, reply, attribute(3, u32(8)), id, zone))!;
    const [asked] = messages(forgetRequest(found));
    expect(asked?.type).toBe(0x102);
    expect(asked?.payload).toEqual(Buffer.concat([Buffer.from([2, 0, 0, 0]), orig, id, zone]));
  });

  it('are asked for as those of UDP', () => {
    const [asked] = messages(conversationsDump(AF.INET6));
    expect([asked?.type, asked && asked.flags & 0x300]).toEqual([0x101, 0x300]);
    expect(asked?.payload[0]).toBe(10);
    expect(asked?.payload.includes(attribute(1, Buffer.from([17])))).toBe(true);
  });
});
