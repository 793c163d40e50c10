import { EventEmitter } from 'node:events';
import type { Socket } from 'node:dgram';
import packet, { type Packet } from 'dns-packet';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Query } from '#lib/discovery';
import type { Place } from '../sockets/places.js';
import { Forwarder } from './forwarder.js';

/** What a server sends for a question, and after how long; undefined: nothing. */
type Server = (asked: Buffer) => { bytes: Buffer; afterMs?: number } | undefined;

/** A network on which servers answer by their addresses. */
function placeWith(servers: Record<string, Server>): Place {
  const udp = () => {
    const socket = new EventEmitter() as EventEmitter & Record<string, unknown>;
    let server: Server | undefined;
    return Object.assign(socket, {
      connect: (_port: number, address: string, connected: () => void) => {
        server = servers[address];
        connected();
      },
      send: (asked: Uint8Array) => {
        const answer = server?.(Buffer.from(asked));
        if (answer) setTimeout(() => socket.emit('message', answer.bytes), answer.afterMs ?? 0);
      },
      close: () => undefined,
    }) as unknown as Socket;
  };
  const tcp = () => {
    throw new Error('nobody asks over TCP');
  };
  return { id: 'somewhere', words: '', udp, tcp };
}

const good: Server = (asked) => {
  const { id, questions } = packet.decode(asked);
  const answers = [{ type: 'A' as const, name: questions![0]!.name, ttl: 0, data: '192.0.2.1' }];
  return { bytes: packet.encode({ type: 'response', id, questions, answers }) };
};

/** A header and nothing else, as Unbound refuses and old servers answer what they do not understand. */
const bare = (rcode: number, bytes = 12): Server => {
  return (asked) => {
    const header = Buffer.alloc(bytes);
    asked.copy(header, 0, 0, 2);
    header.writeUInt16BE(0x8000 | rcode, 2);
    return { bytes: header };
  };
};

const FORMERR = 1;
const NXDOMAIN = 3;
const REFUSED = 5;

const slow = (afterMs: number): Server => {
  return (asked) => ({ ...good(asked)!, afterMs });
};

describe('a question that is forwarded', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  let number = 0;
  /** What was answered, and how long that took. */
  const ask = async (forwarder: Forwarder, ...upstreams: string[]) => {
    const name = `${++number}.example.test`;
    const bytes = packet.encode({ type: 'query', id: 7, flags: 1 << 8, questions: [{ type: 'A', name }] });
    const query = new Query();
    query.read(bytes, 0, bytes.length);
    const began = Date.now();
    const ended: number[] = [];
    const asked = forwarder.forward(bytes, query, { upstreams, defaults: [] }, 'asker', 512);
    void asked.finally(() => ended.push(Date.now()));
    while (ended.length === 0) await vi.advanceTimersByTimeAsync(10);
    const { message, detail } = await asked;
    const answers = message && (packet.decode(Buffer.from(message)) as Packet).answers;
    return { answers: answers?.map((each) => (each as { data: string }).data), detail, ms: ended[0]! - began };
  };

  it('waits for a slow server again after a while, however often it was asked in vain', async () => {
    const servers: Record<string, Server> = { '10.0.0.1': () => undefined };
    const forwarder = new Forwarder(
      () => [],
      () => placeWith(servers),
    );
    expect(await ask(forwarder, '10.0.0.1')).toMatchObject({ answers: undefined, ms: 4_000 });
    servers['10.0.0.1'] = slow(1_500);
    const until = Date.now() + 4_000;
    const took: number[] = [];
    while (Date.now() < until) {
      const { answers, ms } = await ask(forwarder, '10.0.0.1');
      if (answers) break;
      took.push(ms);
    }
    expect(took.every((ms) => ms === 800)).toBe(true);
    expect(Date.now()).toBeLessThan(until);
    expect(await ask(forwarder, '10.0.0.1')).toMatchObject({ answers: ['192.0.2.1'] });
  });

  describe('and answered by nothing but the header of an error', () => {
    const forwarder = (first: Server) =>
      new Forwarder(
        () => [],
        () => placeWith({ '10.0.0.1': first, '10.0.0.2': good }),
      );

    it('goes to the next server at once', async () => {
      const { answers, ms } = await ask(forwarder(bare(REFUSED)), '10.0.0.1', '10.0.0.2');
      expect(answers).toEqual(['192.0.2.1']);
      expect(ms).toBeLessThan(100);
      expect((await ask(forwarder(bare(REFUSED)), '10.0.0.1')).detail).toBe('10.0.0.1:53 answered REFUSED');
    });

    it('is asked again without EDNS', async () => {
      const old: Server = (asked) =>
        packet.decode(asked).additionals!.length > 0 ? bare(FORMERR)(asked) : good(asked);
      const { answers, ms } = await ask(forwarder(old), '10.0.0.1');
      expect(answers).toEqual(['192.0.2.1']);
      expect(ms).toBeLessThan(100);
    });

    it.each([
      ['says that all is well', bare(0)],
      ['says that there is no such name, but not which', bare(NXDOMAIN)],
      ['breaks off', bare(REFUSED, 11)],
      ['has another id', (asked: Buffer) => bare(REFUSED)(Buffer.from(asked.map((byte) => byte ^ 1)))],
    ])('is not answered where that %s', async (_what, first) => {
      expect((await ask(forwarder(first), '10.0.0.1')).detail).toContain('10.0.0.1:53 did not answer in time');
    });
  });
});
