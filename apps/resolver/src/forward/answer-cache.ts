import { steadyClock, type Clock } from '#lib/common';
import type { Message } from '#lib/discovery';

export interface Cached {
  message: Message;
  /** milliseconds */
  storedAt: number;
  expiresAt: number;
}

interface Entry extends Cached {
  key: string;
  share: Share;
  /** what it takes of its share */
  bytes: number;
}

/** What is kept for one asker: the entry unused for longest comes first. */
export interface Share {
  readonly entries: Map<string, Entry>;
  bytes: number;
  /** its asker is gone, and nothing more is kept for it */
  dropped: boolean;
}

/** Bytes of memory. */
export interface CacheLimits {
  /** a larger answer is not kept */
  entry: number;
  perOwner: number;
  total: number;
}

const DEFAULTS: CacheLimits = { entry: 16 * 1024, perOwner: 512 * 1024, total: 32 * 1024 * 1024 };
/** Roughly what the objects around an answer take, and around each of its records. */
const ENTRY_BYTES = 300;
const RECORD_BYTES = 80;
/** Of what expired, unasked for, memory is taken back when all is full, but not more often. Milliseconds. */
const SWEEP_EVERY = 5_000;

/**
 * Other servers' answers until they expire. Every asker has a share of its own: who asks for many names pushes out
 * what was kept for itself. When all is full, whoever has most makes room.
 */
export class AnswerCache {
  readonly #entries = new Map<string, Entry>();
  readonly #shares = new Map<string, Share>();
  #bytes = 0;
  #sweptAt = -Infinity;

  constructor(
    private readonly limits = DEFAULTS,
    private readonly clock: Pick<Clock, 'now'> = steadyClock,
  ) {}

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): Cached | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    if (entry.expiresAt <= this.clock.now()) {
      this.#forget(entry);
      return undefined;
    }
    const { entries } = entry.share;
    entries.delete(key);
    entries.set(key, entry);
    return entry;
  }

  /** The asker's, until it is dropped. Taken before another server is asked: meanwhile the asker may go. */
  share(owner: string): Share {
    let share = this.#shares.get(owner);
    if (!share) this.#shares.set(owner, (share = { entries: new Map(), bytes: 0, dropped: false }));
    return share;
  }

  /** @param seconds how long it may be kept; 0: it is not */
  put(key: string, share: Share, message: Message, seconds: number): void {
    const previous = this.#entries.get(key);
    if (previous) this.#forget(previous);
    const bytes = ENTRY_BYTES + key.length + message.bytes.length + RECORD_BYTES * message.records.length;
    if (seconds <= 0 || share.dropped || bytes > this.limits.entry) return;
    while (share.bytes + bytes > this.limits.perOwner) this.#forgetOldest(share);
    if (this.#bytes + bytes > this.limits.total) this.#sweep();
    while (this.#bytes + bytes > this.limits.total) this.#forgetOldest(this.#largest());
    const storedAt = this.clock.now();
    // A copy: what was received may be a part of a much larger buffer.
    const own = { ...message, bytes: Uint8Array.from(message.bytes) };
    const entry: Entry = { key, share, bytes, message: own, storedAt, expiresAt: storedAt + seconds * 1000 };
    this.#entries.set(key, entry);
    share.entries.set(key, entry);
    share.bytes += bytes;
    this.#bytes += bytes;
  }

  /** Forgets what was kept for an asker that is gone. */
  drop(owner: string): void {
    const share = this.#shares.get(owner);
    if (!share) return;
    share.dropped = true;
    this.#shares.delete(owner);
    for (const entry of share.entries.values()) this.#forget(entry);
  }

  #forget(entry: Entry): void {
    const { key, share, bytes } = entry;
    this.#entries.delete(key);
    share.entries.delete(key);
    share.bytes -= bytes;
    this.#bytes -= bytes;
  }

  #forgetOldest(share: Share): void {
    const [oldest] = share.entries.values();
    this.#forget(oldest!);
  }

  #largest(): Share {
    let largest: Share | undefined;
    for (const share of this.#shares.values()) if (!largest || share.bytes > largest.bytes) largest = share;
    return largest!;
  }

  #sweep(): void {
    const now = this.clock.now();
    if (now - this.#sweptAt < SWEEP_EVERY) return;
    this.#sweptAt = now;
    for (const entry of this.#entries.values()) if (entry.expiresAt <= now) this.#forget(entry);
  }
}
