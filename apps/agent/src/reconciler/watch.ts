import { after, SkepError, unavailable } from '#lib/common';
import type { Action, Plan, Step, Waiting } from '#lib/planner';
import type { ReconcilerBus } from './events.js';

/** How long a link that a network needs may be away before the caller is told so. Milliseconds. */
export const PATIENCE = 30_000;

export interface WatchOptions {
  /** is this step, under way or planned, one of those that are waited for? */
  concerns(action: Action): boolean;
  /** it is to end or to go: what was begun for it before need not work any more */
  leaving?: boolean;
  /** is this container, which cannot be started yet, waited for? */
  awaits?(waiting: Waiting): boolean;
  /** true once the state beyond the plan is as asked for, e.g. healthy; throws when it never will be */
  reached?(): boolean;
  /**
   * What keeps steps with these ids from getting done, in words: networks, without which what is waited for cannot begin.
   * The caller is told of what lasts, and at once of what trying again will not mend. Without it they are waited for as
   * long as it takes.
   */
  heldUp?(ids: readonly string[]): string | undefined;
  /** what is told of on the way */
  started?(step: Step): void;
  done?(step: Step): void;
  failed?(step: Step, error: Error): void;
  waiting?(waiting: Waiting): void;
  /** the caller went away: nothing more is to be told */
  signal?: AbortSignal;
  timeoutMs?: number;
}

/**
 * Makes a change of desired state and follows the reconciler until it is true: the latest plan has no step for it and
 * none is under way. It is told of, it does not steer: whoever goes away changes nothing. Fails with the first error
 * that trying again will not mend.
 */
export async function follow<T>(
  reconciling: { bus: ReconcilerBus; poke(): void },
  options: WatchOptions,
  change: () => Promise<T>,
): Promise<T> {
  const watch = new Watch(reconciling.bus, options);
  try {
    const result = await change();
    watch.arm();
    reconciling.poke();
    await watch.ended;
    return result;
  } finally {
    watch.close();
  }
}

class Watch {
  readonly ended: Promise<void>;
  private armed = false;
  /** ids of the steps that were begun since */
  private readonly begun = new Set<string>();
  private settle: ((error?: Error) => void) | undefined;
  private readonly unsubscribe: () => void;
  private readonly callOff: (() => void) | undefined;
  /** ids of the steps of networks that come before those that are waited for, by the latest plan */
  private before: string[] = [];
  /** what kept one of these from getting done then */
  private problem: string | undefined;
  private endOfPatience: (() => void) | undefined;

  constructor(
    bus: ReconcilerBus,
    private readonly options: WatchOptions,
  ) {
    this.ended = new Promise((resolve, reject) => {
      this.settle = (error) => (error ? reject(error) : resolve());
    });
    this.ended.catch(() => undefined);
    const { done, signal, timeoutMs } = options;
    this.unsubscribe = bus.subscribe({
      started: (step) => this.started(step),
      done: (step) => options.concerns(step) && done?.(step),
      failed: (step, error) => this.failed(step, error),
      planned: (plan, busy) => this.judge(plan, busy),
    });
    if (signal?.aborted) this.settle?.();
    signal?.addEventListener('abort', () => this.settle?.());
    if (timeoutMs !== undefined) {
      const late = new SkepError('timeout', `not reached within ${timeoutMs} ms`);
      this.callOff = after(timeoutMs, () => this.settle?.(late));
    }
  }

  /** From here on plans contain what was asked for. */
  arm(): void {
    this.armed = true;
  }

  close(): void {
    this.callOff?.();
    this.endOfPatience?.();
    this.unsubscribe();
  }

  private started(step: Step): void {
    if (this.armed) this.begun.add(step.id);
    if (this.options.concerns(step)) this.options.started?.(step);
  }

  private failed(step: Step, error: Error): void {
    if (this.options.leaving && !this.begun.has(step.id)) return;
    const own = this.options.concerns(step);
    if (!own && !this.before.includes(step.id)) return;
    const passing = SkepError.is(error, 'unavailable') || SkepError.is(error, 'timeout');
    if (passing) return;
    if (own) this.options.failed?.(step, error);
    if (this.armed) this.settle?.(error);
  }

  private judge(plan: Plan, busy: readonly Step[]): void {
    if (!this.armed) return;
    const { awaits, concerns, reached } = this.options;
    const waiting = plan.waiting.filter((each) => awaits?.(each));
    for (const each of waiting) {
      if (each.failed) return this.settle?.(new SkepError('conflict', `dependency failed to start: ${each.why}`));
      this.options.waiting?.(each);
    }
    this.weigh(plan);
    if (waiting.length > 0) return;
    if ([...plan.steps, ...busy].some(concerns)) return;
    try {
      if (reached?.() ?? true) this.settle?.();
    } catch (error) {
      this.settle?.(error as Error);
    }
  }

  /** A problem that is gone begins its time anew when it is back. */
  private weigh({ steps }: Plan): void {
    const { concerns, heldUp } = this.options;
    if (!heldUp) return;
    const networks = new Set(steps.flatMap((each) => (each.kind === 'network.ensure' ? [each.id] : [])));
    this.before = steps.filter(concerns).flatMap((each) => each.after.filter((id) => networks.has(id)));
    this.problem = heldUp(this.before);
    if (this.problem === undefined) {
      this.endOfPatience?.();
      this.endOfPatience = undefined;
    } else {
      this.endOfPatience ??= after(PATIENCE, () => this.settle?.(unavailable(this.problem ?? '')));
    }
  }
}
