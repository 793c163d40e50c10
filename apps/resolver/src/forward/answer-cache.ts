import { systemClock, type Clock } from '#lib/common';
import type { Message } from '#lib/discovery';

export interface Cached {
  message: Message;
  /** milliseconds */
  storedAt: number;
  expiresAt: number;
}

interface Entry extends Cached {
  owner: string;
}

/**
 * Other servers' answers until they expire. Every asker has a share of its own: who asks for many names pushes out
 * what was kept for itself, never what was kept for others.
 */
export class AnswerCache {
  readonly #entries = new Map<string, Entry>();
  /** for each owner its keys, the one unused for longest first */
  readonly #owners = new Map<string, Set<string>>();

  constructor(
    private readonly limits = { perOwner: 500, total: 50_000 },
    private readonly clock: Pick<Clock, 'now'> = systemClock,
  ) {}

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): Cached | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    if (entry.expiresAt <= this.clock.now()) {
      this.#forget(key, entry.owner);
      return undefined;
    }
    const keys = this.#owners.get(entry.owner)!;
    keys.delete(key);
    keys.add(key);
    return entry;
  }

  /** @param seconds how long it may be kept; 0: it is not */
  put(key: string, owner: string, message: Message, seconds: number): void {
    const previous = this.#entries.get(key);
    if (previous) this.#forget(key, previous.owner);
    if (seconds <= 0) return;
    const keys = this.#owners.get(owner) ?? new Set();
    const [oldest] = keys;
    const full = keys.size >= this.limits.perOwner || this.#entries.size >= this.limits.total;
    if (full && oldest === undefined) return;
    if (full) this.#forget(oldest!, owner);
    this.#owners.set(owner, keys.add(key));
    const storedAt = this.clock.now();
    this.#entries.set(key, { owner, message, storedAt, expiresAt: storedAt + seconds * 1000 });
  }

  /** Forgets what was kept for an asker that is gone. */
  drop(owner: string): void {
    for (const key of this.#owners.get(owner) ?? []) this.#entries.delete(key);
    this.#owners.delete(owner);
  }

  #forget(key: string, owner: string): void {
    this.#entries.delete(key);
    const keys = this.#owners.get(owner);
    keys?.delete(key);
    if (keys?.size === 0) this.#owners.delete(owner);
  }
}
