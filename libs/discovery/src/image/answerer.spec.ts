import { describe, expect, it } from 'vitest';
import { answerMessage } from '../answer.js';
import { data, decoded, member, question, replica, sandbox, zone, type Edns } from '../fixtures.js';
import type { Sandbox, Zone } from '../names/model.js';
import { NameTable } from '../names/name-table.js';
import { Turns } from '../rotation.js';
import { MAX_UDP_SIZE, RCODE } from '../wire/constants.js';
import { Query } from '../wire/query.js';
import { Answerer, NOT_HERE } from './answerer.js';
import { compileNames, compileZone } from './compile.js';

const OFFSET = 100;

/** Both ways of answering, side by side, for one asker. */
class Both {
  readonly table = new NameTable();
  readonly asker;
  readonly #turns = new Turns();
  readonly #answerer = new Answerer();
  readonly #asker: Sandbox;

  constructor(zones: Zone[], asker: Sandbox) {
    const images = zones.map((each) => compileZone(this.table.setZone(each)));
    this.table.setSandbox(asker);
    this.#asker = asker;
    const links = this.table.privateNames(asker);
    this.asker = { images: [compileNames(links.names, links.version, links.soa), ...images], turns: new Turns() };
  }

  change(...zones: Zone[]): void {
    const [links] = this.asker.images;
    this.asker.images = [links!, ...zones.map((each) => compileZone(this.table.setZone(each)))];
  }

  /** What the hot path answers, or NOT_HERE. */
  hot(bytes: Uint8Array): Uint8Array | number {
    const buffer = new Uint8Array(OFFSET + MAX_UDP_SIZE).fill(0xaa);
    buffer.set(bytes, OFFSET);
    const length = this.#answerer.answer(buffer, OFFSET, bytes.length, this.asker);
    expect(buffer.subarray(0, OFFSET).every((byte) => byte === 0xaa)).toBe(true);
    return length <= 0 ? length : buffer.slice(OFFSET, OFFSET + length);
  }

  /** What the table answers, as it is done over TCP. */
  slow(bytes: Uint8Array): Uint8Array {
    const query = new Query();
    expect(query.read(bytes, 0, bytes.length)).toBe(RCODE.NOERROR);
    const resolution = this.table.resolve(this.#asker.id, query.key(bytes), query.type)!;
    if (resolution.kind === 'forward') throw new Error('not ours');
    return answerMessage(bytes, query, resolution, this.#turns, query.udpSize);
  }
}

const replicas = (count: number, from = 1) =>
  Array.from({ length: count }, (_, i) => replica('web', from + i, [`10.0.0.${from + i}`, `2001:db8::${from + i}`]));

const front = (count = 3) => zone('front', [...replicas(count), member('db', '10.0.0.200')], { gateway: '10.0.0.254' });

describe('the hot path gives byte for byte what the table gives', () => {
  const links = { store: 'db', nothing: 'gone', site: 'web', self: 'sick' };
  const sick = [
    replica('sick', 1, '10.1.0.3'),
    replica('sick', 2, ['10.1.0.4', '2001:db8::4'], { containerId: 'asker', withheld: 'unhealthy' }),
  ];
  const back = zone('back', [
    member('db', '10.1.0.1'),
    replica('api', 1, '10.1.0.2', { withheld: 'unhealthy' }),
    ...sick,
  ]);
  const names = [
    'sick',
    'sick.back',
    'self',
    'web',
    'WeB.Front',
    'web-2',
    'tasks.web',
    'db',
    'db.back',
    'api',
    'store',
    'nothing',
    'site',
    'host.docker.internal',
  ];

  it.each([
    ['without EDNS', undefined],
    ['with EDNS', { udpPayloadSize: 1232 }],
  ])('%s', (_what, edns) => {
    const both = new Both([front(), back], sandbox(['front', 'back'], { links }));
    for (const name of [...names, ...names, ...names]) {
      for (const type of ['A', 'AAAA']) {
        const bytes = question(name, type, edns);
        expect(both.hot(bytes), `${name} ${type}`).toEqual(both.slow(bytes));
      }
    }
  });

  it.each([20, 28, 29, 60, 200])('truncated: %i replicas', (count) => {
    const both = new Both([zone('front', replicas(count))], sandbox(['front']));
    for (const edns of [undefined, { udpPayloadSize: 600 }, { udpPayloadSize: 4096 }]) {
      for (const type of ['A', 'AAAA']) {
        const bytes = question('web', type, edns);
        const answer = both.hot(bytes) as Uint8Array;
        expect(answer).toEqual(both.slow(bytes));
        expect(answer.length).toBeLessThanOrEqual(edns?.udpPayloadSize ?? 512);
        const message = decoded(answer);
        expect(message.flag_tc).toBe(message.answers!.length < count);
      }
    }
  });

  it('leaves everything else to others', () => {
    const both = new Both([front()], sandbox(['front']));
    for (const [name, type] of [
      ['nobody', 'A'],
      ['web', 'TXT'],
      ['1.0.0.10.in-addr.arpa', 'PTR'],
      ['1.0.0.10.in-addr.arpa', 'A'],
    ]) {
      expect(both.hot(question(name!, type!))).toBe(NOT_HERE);
    }
  });
});

describe('an answer', () => {
  const ask = (name: string, type: string, edns?: Edns) =>
    decoded(new Both([front()], sandbox(['front'])).hot(question(name, type, edns)) as Uint8Array);

  it('has the id, the case and the flags of its question', () => {
    const message = ask('wEb', 'A');
    expect(message).toMatchObject({
      id: 0x1234,
      type: 'response',
      rcode: 'NOERROR',
      flag_aa: true,
      flag_ra: true,
      flag_rd: true,
    });
    expect(message.questions![0]).toMatchObject({ name: 'wEb', type: 'A' });
    expect(message.answers![0]).toMatchObject({ name: 'wEb', ttl: 5, data: '10.0.0.1' });
  });

  it('without records has the SOA that says how long that holds', () => {
    const message = ask('db', 'AAAA');
    expect(message).toMatchObject({ rcode: 'NOERROR', answers: [] });
    expect(message.authorities![0]).toMatchObject({ type: 'SOA', name: 'db', ttl: 5, data: { minimum: 5 } });
  });

  it('has EDNS only where the question has it', () => {
    expect(ask('web', 'A').additionals).toEqual([]);
    expect(ask('web', 'A', { udpPayloadSize: 1232 }).additionals).toMatchObject([
      { type: 'OPT', udpPayloadSize: MAX_UDP_SIZE },
    ]);
  });
});

describe('rotation', () => {
  const first = (both: Both, type = 'A') => data(decoded(both.hot(question('web', type)) as Uint8Array))[0];
  const count = (both: Both, questions: number, type = 'A') => {
    const counted = new Map<unknown, number>();
    for (let i = 0; i < questions; i++) {
      const address = first(both, type);
      counted.set(address, (counted.get(address) ?? 0) + 1);
    }
    return [...counted.values()].toSorted();
  };

  it('is exact, and A and AAAA rotate by themselves', () => {
    const both = new Both([front()], sandbox(['front']));
    for (let i = 0; i < 100; i++) {
      expect(count(both, 3)).toEqual([1, 1, 1]);
      expect(count(both, 6, 'AAAA')).toEqual([2, 2, 2]);
    }
  });

  it('goes on when the network changes', () => {
    const both = new Both([front()], sandbox(['front']));
    expect([first(both), first(both)]).toEqual(['10.0.0.1', '10.0.0.2']);
    both.change(front(4));
    expect([first(both), first(both), first(both)]).toEqual(['10.0.0.3', '10.0.0.4', '10.0.0.1']);
    both.change(zone('front', replicas(2, 3)));
    expect(first(both)).toBe('10.0.0.3');
    expect(count(both, 300)).toEqual([150, 150]);
  });
});
