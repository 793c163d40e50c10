import { messageOf, steadyClock, type Clock } from '#lib/common';
import { RCODE, lifetime, rcodeName, type Forward, type Message, type Query } from '#lib/discovery';
import type { Place } from '../sockets/places.js';
import { AnswerCache } from './answer-cache.js';
import { exchange } from './exchange.js';
import { ENOUGH, inTurn, OVER } from './in-turn.js';
import { clientAnswer, upstreamQuestion } from './relay.js';
import { UpstreamHealth } from './upstream-health.js';
import { upstreamsOf, type Upstream } from './upstream.js';

export interface ForwardOptions {
  /** until another server is asked as well, or the same one again; an answer that is later counts all the same */
  patienceMs: number;
  /** for all of it: less than the 5 s after which clients give up */
  totalMs: number;
  /** nothing is kept for longer, in seconds */
  maxTtl: number;
}

const DEFAULTS: ForwardOptions = { patienceMs: 800, totalMs: 4_000, maxTtl: 3_600 };

export type ForwardOutcome = 'cached' | 'shared' | 'answered' | 'failed' | 'no-upstream';

export interface Forwarded {
  /** absent: no server gave an answer that can be passed on */
  message?: Uint8Array;
  outcome: ForwardOutcome;
  /** what happened, for people */
  detail: string;
}

interface Asked {
  message?: Message;
  detail: string;
}

/** Asks other servers in turn, keeps their answers, and asks once for questions that are the same at the same time. */
export class Forwarder {
  readonly #underWay = new Map<string, Promise<Asked>>();
  readonly #health: UpstreamHealth;
  readonly #options: ForwardOptions;

  constructor(
    private readonly nodeServers: () => string[],
    private readonly inside: (owner: string) => Place,
    readonly cache = new AnswerCache(),
    options: Partial<ForwardOptions> = {},
    private readonly clock: Pick<Clock, 'now'> = steadyClock,
  ) {
    this.#options = { ...DEFAULTS, ...options };
    this.#health = new UpstreamHealth(clock);
  }

  /**
   * @param owner the asker, in whose namespace servers are asked; the answer is kept at its expense
   * @param limit bytes of the answer
   */
  async forward(
    bytes: Uint8Array,
    query: Query,
    to: Pick<Forward, 'upstreams' | 'defaults'>,
    owner: string,
    limit: number,
  ): Promise<Forwarded> {
    const servers = upstreamsOf(to, this.nodeServers, () => this.inside(owner));
    if (servers.length === 0) return { outcome: 'no-upstream', detail: 'there is no server to forward to' };

    const question = Buffer.from(query.key(bytes), 'latin1').toString('base64');
    const flags = `${query.dnssecOk ? 'D' : ''}${query.checkingDisabled ? 'C' : ''}`;
    const key = `${servers.map((server) => server.key).join(',')} ${question} ${query.type} ${flags}`;
    const cached = this.cache.get(key);
    if (cached) {
      const age = Math.floor((this.clock.now() - cached.storedAt) / 1000);
      const message = clientAnswer(cached.message, age, bytes, query, limit);
      return { message, outcome: 'cached', detail: `kept since ${age} s` };
    }

    const share = this.cache.share(owner);
    const running = this.#underWay.get(key);
    const asked = running ?? this.#ask(servers, bytes, query).finally(() => this.#underWay.delete(key));
    if (!running) this.#underWay.set(key, asked);
    const { message, detail } = await asked;
    if (!message) return { outcome: 'failed', detail };
    if (!running) this.cache.put(key, share, message, Math.min(lifetime(message), this.#options.maxTtl));
    return { message: clientAnswer(message, 0, bytes, query, limit), outcome: running ? 'shared' : 'answered', detail };
  }

  async #ask(servers: readonly Upstream[], bytes: Uint8Array, query: Query): Promise<Asked> {
    const { patienceMs } = this.#options;
    const failures: string[] = [];
    const inOrder = this.#health.inOrder(servers);
    // A node that is off its network: one question now and then waits to the end, and the others do not.
    const inVain = inOrder.every((server) => this.#health.isSilent(server));
    const totalMs = inVain ? patienceMs : this.#options.totalMs;
    this.#health.takeDue(inOrder.slice(0, 1));
    for (const server of this.#health.takeDue(inOrder.slice(1))) {
      const signal = AbortSignal.timeout(patienceMs);
      void this.#askOne(server, bytes, query, { againMs: patienceMs, signal }).catch(() => {});
    }
    const attempts = inOrder.map((server) => async (signal: AbortSignal): Promise<Asked | undefined> => {
      try {
        // In rounds: each server again when all others have had their turn.
        const againMs = patienceMs * servers.length;
        const message = await this.#askOne(server, bytes, query, { againMs, signal, inVain });
        if (FINAL.has(message.rcode)) return { message, detail: `answered by ${server.text}` };
        failures.push(`${server.text} answered ${rcodeName(message.rcode)}`);
      } catch (error) {
        failures.push(messageOf(error));
      }
      return undefined;
    });
    return (await inTurn(attempts, { patienceMs, totalMs })) ?? { detail: failures.join('; ') };
  }

  /** Any answer shows that a server is there; whether it is of use is another matter. */
  async #askOne(
    server: Upstream,
    bytes: Uint8Array,
    query: Query,
    { againMs, signal, inVain = false }: { againMs: number; signal: AbortSignal; inVain?: boolean },
  ): Promise<Message> {
    // Too short to tell anything: it would put off, again and again, the question that waits to the end.
    let failed = inVain;
    const fail = () => {
      if (!failed) this.#health.failed(server);
      failed = true;
    };
    const { place } = server;
    // Not AbortSignal.any, which leaves something behind at a signal that lives long (Node 20).
    const ends = place.left ? [signal, place.left] : [signal];
    // The next question begins with another server, though this one may still answer.
    const silent = setTimeout(fail, this.#options.patienceMs);
    try {
      let message = await exchange(place, server, upstreamQuestion(bytes, query, true), againMs, ends);
      if (UNKNOWN_EDNS.has(message.rcode)) {
        message = await exchange(place, server, upstreamQuestion(bytes, query, false), againMs, ends);
      }
      this.#health.answered(server);
      return message;
    } catch (error) {
      if (signal.reason !== ENOUGH && !place.left?.aborted) fail();
      if (signal.reason === OVER && !inVain) this.#health.gaveUp(server);
      throw error;
    } finally {
      clearTimeout(silent);
    }
  }
}

/** Answers to pass on; with any other the next server is asked. */
const FINAL: ReadonlySet<number> = new Set([RCODE.NOERROR, RCODE.NXDOMAIN]);
const UNKNOWN_EDNS: ReadonlySet<number> = new Set([RCODE.FORMERR, RCODE.NOTIMP]);
