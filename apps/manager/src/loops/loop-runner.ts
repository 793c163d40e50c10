import { Inject, Injectable, Logger } from '@nestjs/common';
import { after, messageOf } from '#lib/common';
import type { ClusterStore } from '#lib/store';
import { STORE } from '../cluster/tokens.js';
import type { Loop } from './loop.js';

/** After a decision that could not be committed. Milliseconds. */
const RETRY = 1_000;

/** Runs control loops, each in a transaction of its own, for as long as they have something to decide. */
@Injectable()
export class LoopRunner {
  private readonly running: RunningLoop[] = [];

  constructor(@Inject(STORE) private readonly store: ClusterStore) {}

  start(loops: readonly Loop[]): void {
    for (const loop of loops) this.running.push(new RunningLoop(loop, this.store));
  }

  stop(): void {
    for (const loop of this.running) loop.stop();
  }
}

class RunningLoop {
  private readonly log: Logger;
  private readonly unsubscribe: () => void;
  private callOff: (() => void) | undefined;
  private busy = false;
  private again = false;
  private stopped = false;

  constructor(
    private readonly loop: Loop,
    private readonly store: ClusterStore,
  ) {
    this.log = new Logger(loop.name);
    const reads = new Set<string>(loop.reads);
    this.unsubscribe = store.feed(({ changes }) => {
      if (changes.some((change) => reads.has(change.kind))) this.poke();
    });
    this.poke();
  }

  stop(): void {
    this.stopped = true;
    this.callOff?.();
    this.unsubscribe();
  }

  /** Asks for a look soon; any number of calls before it make one. */
  private poke(): void {
    this.again = true;
    if (!this.busy && !this.stopped) setImmediate(() => void this.look());
  }

  private async look(): Promise<void> {
    if (this.busy || this.stopped || !this.again) return;
    this.busy = true;
    this.again = false;
    this.callOff?.();
    try {
      const wakeAt = await this.store.transact((view) => {
        const { changes, wakeAt: next } = this.loop.decide(view, Date.now());
        return { changes, result: next };
      });
      if (wakeAt !== undefined) this.wakeIn(wakeAt - Date.now());
    } catch (error) {
      if (this.stopped) return;
      this.log.error(`its decision could not be taken: ${messageOf(error)}`, (error as Error).stack);
      this.wakeIn(RETRY);
    } finally {
      this.busy = false;
      if (this.again) this.poke();
    }
  }

  private wakeIn(ms: number): void {
    this.callOff = after(ms, () => this.poke());
  }
}
