import { messageOf, systemClock, type Clock } from '#lib/common';
import { RCODE, lifetime, rcodeName, type Message, type Query } from '#lib/discovery';
import { AnswerCache } from './answer-cache.js';
import { exchange } from './exchange.js';
import { clientAnswer, upstreamQuestion } from './relay.js';
import { serverAddress, type ServerAddress } from './server-address.js';
import { UpstreamHealth } from './upstream-health.js';

export interface ForwardOptions {
  /** for one server */
  timeoutMs: number;
  /** for all of them: less than the 5 s after which clients give up */
  totalMs: number;
  /** nothing is kept for longer, in seconds */
  maxTtl: number;
}

const DEFAULTS: ForwardOptions = { timeoutMs: 800, totalMs: 4_000, maxTtl: 3_600 };

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
    readonly cache = new AnswerCache(),
    options: Partial<ForwardOptions> = {},
    private readonly clock: Pick<Clock, 'now'> = systemClock,
  ) {
    this.#options = { ...DEFAULTS, ...options };
    this.#health = new UpstreamHealth(clock);
  }

  /**
   * @param upstreams empty: the node's own
   * @param owner the asker; the answer is kept at its expense
   * @param limit bytes of the answer
   */
  async forward(
    bytes: Uint8Array,
    query: Query,
    upstreams: string[],
    owner: string,
    limit: number,
  ): Promise<Forwarded> {
    const named = upstreams.length > 0 ? upstreams : this.nodeServers();
    const servers = named.map(serverAddress).filter((server) => server !== undefined);
    if (servers.length === 0) return { outcome: 'no-upstream', detail: 'there is no server to forward to' };

    const question = Buffer.from(query.key(bytes), 'latin1').toString('base64');
    const flags = `${query.dnssecOk ? 'D' : ''}${query.checkingDisabled ? 'C' : ''}`;
    const key = `${servers.map(({ text }) => text).join(',')} ${question} ${query.type} ${flags}`;
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

  async #ask(servers: readonly ServerAddress[], bytes: Uint8Array, query: Query): Promise<Asked> {
    const deadline = this.clock.now() + this.#options.totalMs;
    const failures: string[] = [];
    const inOrder = this.#health.inOrder(servers);
    for (const server of this.#health.takeDue(inOrder.slice(1))) {
      void this.#askOne(server, bytes, query, this.#options.timeoutMs).catch(() => {});
    }
    for (const server of inOrder) {
      const left = deadline - this.clock.now();
      if (left <= 0) break;
      try {
        const message = await this.#askOne(server, bytes, query, Math.min(left, this.#options.timeoutMs));
        if (FINAL.has(message.rcode)) return { message, detail: `answered by ${server.text}` };
        failures.push(`${server.text} answered ${rcodeName(message.rcode)}`);
      } catch (error) {
        failures.push(messageOf(error));
      }
    }
    return { detail: failures.join('; ') };
  }

  /** Any answer shows that a server is there; whether it is of use is another matter. */
  async #askOne(server: ServerAddress, bytes: Uint8Array, query: Query, timeoutMs: number): Promise<Message> {
    try {
      let message = await exchange(server, upstreamQuestion(bytes, query, true), timeoutMs);
      if (UNKNOWN_EDNS.has(message.rcode)) {
        message = await exchange(server, upstreamQuestion(bytes, query, false), timeoutMs);
      }
      this.#health.answered(server);
      return message;
    } catch (error) {
      this.#health.failed(server);
      throw error;
    }
  }
}

/** Answers to pass on; with any other the next server is asked. */
const FINAL: ReadonlySet<number> = new Set([RCODE.NOERROR, RCODE.NXDOMAIN]);
const UNKNOWN_EDNS: ReadonlySet<number> = new Set([RCODE.FORMERR, RCODE.NOTIMP]);
