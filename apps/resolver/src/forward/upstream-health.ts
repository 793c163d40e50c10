import { backoff, systemClock, type Clock } from '#lib/common';
import type { ServerAddress } from './server-address.js';

const FIRST_PENALTY_MS = 2_000;
const LONGEST_PENALTY_MS = 60_000;
const MAX_REMEMBERED = 1_000;

interface Failures {
  count: number;
  until: number;
}

/**
 * Remembers which servers did not answer, so that the next question does not wait for them as well: they go to the end
 * of the row for a while, which grows with every failure. A server is asked again when its time is over, or when all
 * others fail too.
 */
export class UpstreamHealth {
  readonly #failures = new Map<string, Failures>();

  constructor(private readonly clock: Pick<Clock, 'now'> = systemClock) {}

  /** The same servers, those in good standing first; otherwise in the order given. */
  inOrder(servers: readonly ServerAddress[]): ServerAddress[] {
    const now = this.clock.now();
    const bad = (server: ServerAddress) => (this.#failures.get(server.text)?.until ?? 0) > now;
    return [...servers.filter((server) => !bad(server)), ...servers.filter(bad)];
  }

  failed(server: ServerAddress): void {
    const count = (this.#failures.get(server.text)?.count ?? 0) + 1;
    this.#failures.delete(server.text);
    this.#failures.set(server.text, {
      count,
      until: this.clock.now() + backoff(count, FIRST_PENALTY_MS, LONGEST_PENALTY_MS),
    });
    const [oldest] = this.#failures.keys();
    if (this.#failures.size > MAX_REMEMBERED && oldest !== undefined) this.#failures.delete(oldest);
  }

  answered(server: ServerAddress): void {
    this.#failures.delete(server.text);
  }
}
