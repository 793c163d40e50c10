import { Inject, Injectable } from '@nestjs/common';
import type { Store } from '#lib/store';
import { STORE } from '../node/tokens.js';

interface Stream {
  destroy(): unknown;
}

/**
 * Who attached to a container that the runtime could not make ready. Whether it can is for the start to say: before it,
 * each of them is tried once more, so that nothing is missed of a run that begins after all.
 */
@Injectable()
export class WithheldAttaches {
  private readonly waiting = new Map<string, Set<() => Promise<void>>>();

  constructor(@Inject(STORE) private readonly store: Pick<Store, 'feed'>) {}

  /**
   * Resolves to the stream that was granted later; to undefined when the start has been refused for good, the container
   * is gone, or the caller is.
   * @param attach rejects while it is refused
   */
  hold<T extends Stream>(id: string, attach: () => Promise<T>, gone: AbortSignal): Promise<T | undefined> {
    const waiting = this.waiting.get(id) ?? new Set();
    this.waiting.set(id, waiting);
    return new Promise((resolve) => {
      const over = new AbortController();
      const settle = (stream: T | undefined) => {
        if (over.signal.aborted) return void stream?.destroy();
        over.abort();
        waiting.delete(again);
        if (waiting.size === 0 && this.waiting.get(id) === waiting) this.waiting.delete(id);
        resolve(stream);
      };
      // Refused again: the start that follows is, too, and says why.
      const again = () => attach().then(settle, () => undefined);
      waiting.add(again);
      void this.untilRefused(id, AbortSignal.any([gone, over.signal])).then(() => settle(undefined));
    });
  }

  has(id: string): boolean {
    return this.waiting.has(id);
  }

  /** The container is about to be started. */
  async retry(id: string): Promise<void> {
    await Promise.all([...(this.waiting.get(id) ?? [])].map((again) => again()));
  }

  /** Resolves when its start has been refused for good, when it is gone, or when the caller is. */
  private untilRefused(id: string, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const settle = () => {
        stop();
        signal.removeEventListener('abort', settle);
        resolve();
      };
      const stop = this.store.feed(({ changes }) => {
        const over = changes.some((change) =>
          change.op === 'put'
            ? change.kind === 'status' && change.value.containerId === id && change.value.finished
            : change.kind === 'container' && change.id === id,
        );
        if (over) settle();
      });
      signal.addEventListener('abort', settle);
    });
  }
}
