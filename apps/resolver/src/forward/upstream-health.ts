import { backoff, steadyClock, type Clock } from '#lib/common';
import type { Upstream } from './upstream.js';

type Server = Pick<Upstream, 'key'>;

const FIRST_PENALTY_MS = 2_000;
const LONGEST_PENALTY_MS = 60_000;
const MAX_REMEMBERED = 1_000;

interface Failures {
  count: number;
  until: number;
  /** a whole question long, and nothing since */
  silent: boolean;
}

/**
 * Remembers which servers did not answer, so that the next question does not wait for them as well. For a while, which
 * grows with every failure, they are the last to be asked; when it is over they are due to be tried, beside another
 * one that is known to answer.
 */
export class UpstreamHealth {
  readonly #failures = new Map<string, Failures>();

  constructor(private readonly clock: Pick<Clock, 'now'> = steadyClock) {}

  /** The same servers, those in good standing first; otherwise in the order given. */
  inOrder<S extends Server>(servers: readonly S[]): S[] {
    const bad = (server: Server) => this.#failures.has(server.key);
    return [...servers.filter((server) => !bad(server)), ...servers.filter(bad)];
  }

  /** Servers whose time is over. It begins anew, so that only one question tries each of them. */
  takeDue<S extends Server>(servers: readonly S[]): S[] {
    const now = this.clock.now();
    return servers.filter((server) => {
      const failures = this.#failures.get(server.key);
      if (!failures || failures.until > now) return false;
      failures.until = now + penalty(failures.count);
      return true;
    });
  }

  failed(server: Server): void {
    const { count: before = 0, silent = false } = this.#failures.get(server.key) ?? {};
    const count = before + 1;
    this.#failures.delete(server.key);
    this.#failures.set(server.key, { count, until: this.clock.now() + penalty(count), silent });
    const [oldest] = this.#failures.keys();
    if (this.#failures.size > MAX_REMEMBERED && oldest !== undefined) this.#failures.delete(oldest);
  }

  /** After `failed`: it was waited for until the end. */
  gaveUp(server: Server): void {
    const failures = this.#failures.get(server.key);
    if (!failures) return;
    failures.silent = true;
    failures.until = this.clock.now() + penalty(failures.count);
  }

  /** Nobody has to wait for it to the end: that was done in vain, and it is not yet time to try again. */
  isSilent(server: Server): boolean {
    const failures = this.#failures.get(server.key);
    return failures !== undefined && failures.silent && failures.until > this.clock.now();
  }

  answered(server: Server): void {
    this.#failures.delete(server.key);
  }
}

const penalty = (count: number): number => backoff(count, FIRST_PENALTY_MS, LONGEST_PENALTY_MS);
