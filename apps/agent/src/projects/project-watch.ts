import { SkepError } from '#lib/common';
import type { ProgressEvent } from '#lib/contracts';
import type { Plan, Step } from '#lib/planner';
import type { ReconcilerBus } from '../reconciler/events.js';
import { concerns, doneEvent, failedEvent, startedEvent } from './progress.js';

export interface WatchOptions {
  project: string;
  /** true once the state beyond the plan is as asked for, e.g. healthy; throws when it never will be */
  reached: () => boolean;
  emit: (event: ProgressEvent) => void;
  /** the caller went away: nothing more is to be told */
  signal: AbortSignal;
  timeoutMs?: number;
}

/**
 * Follows the reconciler until a project is where it was asked to be: the latest plan has no step for it and none is
 * under way. It is told of, it does not steer: whoever goes away changes nothing.
 */
export class ProjectWatch {
  private readonly startedAt = Date.now();
  private readonly announced = new Set<string>();
  private armed = false;
  private settle: ((error?: Error) => void) | undefined;
  private readonly ended: Promise<void>;
  private readonly unsubscribe: () => void;
  private readonly timer: NodeJS.Timeout | undefined;

  constructor(
    bus: ReconcilerBus,
    private readonly options: WatchOptions,
  ) {
    this.ended = new Promise((resolve, reject) => {
      this.settle = (error) => (error ? reject(error) : resolve());
    });
    this.ended.catch(() => undefined);
    this.unsubscribe = bus.subscribe({
      started: (step) => this.tell(step, startedEvent(step, this.elapsed)),
      done: (step) => this.tell(step, doneEvent(step, this.elapsed)),
      failed: (step, error) => this.failed(step, error),
      planned: (plan, busy) => this.judge(plan, busy),
    });
    options.signal.addEventListener('abort', () => this.settle?.());
    if (options.timeoutMs !== undefined) {
      this.timer = setTimeout(
        () => this.settle?.(new SkepError('timeout', `not reached within ${options.timeoutMs} ms`)),
        options.timeoutMs,
      );
    }
  }

  get elapsed(): number {
    return Date.now() - this.startedAt;
  }

  /** From here on plans contain what was asked for. */
  arm(): void {
    this.armed = true;
  }

  /** Resolves when the project is there; fails with the first error that trying again will not mend. */
  async end(): Promise<void> {
    try {
      await this.ended;
    } finally {
      clearTimeout(this.timer);
      this.unsubscribe();
    }
  }

  private tell(step: Step, event: ProgressEvent | undefined): void {
    if (event && concerns(step, this.options.project)) this.options.emit(event);
  }

  private failed(step: Step, error: Error): void {
    if (!concerns(step, this.options.project)) return;
    const passing = SkepError.is(error, 'unavailable') || SkepError.is(error, 'timeout');
    if (passing) return;
    this.options.emit(failedEvent(step, error.message, this.elapsed));
    if (this.armed) this.settle?.(error);
  }

  private judge(plan: Plan, busy: readonly Step[]): void {
    if (!this.armed) return;
    const { project } = this.options;
    for (const { container, why, failed } of plan.waiting) {
      if (container.project !== project) continue;
      if (failed) return this.settle?.(new SkepError('conflict', `dependency failed to start: ${why}`));
      this.announce(container.name, why);
    }
    if (plan.waiting.some(({ container }) => container.project === project)) return;
    if ([...plan.steps, ...busy].some((step) => concerns(step, project))) return;
    try {
      if (this.options.reached()) this.settle?.();
    } catch (error) {
      this.settle?.(error as Error);
    }
  }

  private announce(name: string, why: string): void {
    const key = `${name} ${why}`;
    if (this.announced.has(key)) return;
    this.announced.add(key);
    const elapsedMs = this.elapsed;
    this.options.emit({
      type: 'progress',
      resource: 'container',
      name,
      state: 'Waiting',
      done: false,
      elapsedMs,
      message: why,
    });
  }
}
