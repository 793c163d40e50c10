import type { Plan, Step } from '#lib/planner';

/** What the reconciler tells whoever waits: an `up` in progress, tests, the log. */
export interface ReconcilerEvents {
  started(step: Step): void;
  done(step: Step): void;
  failed(step: Step, error: Error): void;
  /** a comparison was made and its steps were taken up; `busy` holds all steps that are under way now */
  planned(plan: Plan, busy: readonly Step[]): void;
}

type Listener = Partial<ReconcilerEvents>;

/** Hands events to all listeners, in the order of their subscription. */
export class ReconcilerBus implements ReconcilerEvents {
  private readonly listeners = new Set<Listener>();

  subscribe(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  started(step: Step): void {
    for (const each of this.listeners) each.started?.(step);
  }

  done(step: Step): void {
    for (const each of this.listeners) each.done?.(step);
  }

  failed(step: Step, error: Error): void {
    for (const each of this.listeners) each.failed?.(step, error);
  }

  planned(plan: Plan, busy: readonly Step[]): void {
    for (const each of this.listeners) each.planned?.(plan, busy);
  }
}
