import { backoff, type Clock } from '#lib/common';
import type { Plan, Step } from '#lib/planner';
import type { ReconcilerBus } from './events.js';
import { Gate } from './gate.js';

/** Carries out one step. It resolves once the world, as the next comparison will see it, contains the result. */
export type Perform = (step: Step) => Promise<void>;

interface Failure {
  attempts: number;
  retryAt: number;
}

/**
 * Runs the steps of the latest plan: each as soon as its predecessors are out of the plan, never two with one key, and
 * again after a growing pause when it failed. It keeps no queue: what is still needed comes back with the next plan.
 */
export class Executor {
  private readonly inFlight = new Map<string, Step>();
  private readonly failures = new Map<string, Failure>();
  private stopping = false;

  constructor(
    private readonly perform: Perform,
    private readonly bus: ReconcilerBus,
    private readonly clock: Clock,
    private readonly settled: () => void,
    private readonly gate: Gate,
  ) {}

  get busy(): Step[] {
    return [...this.inFlight.values()];
  }

  /** Takes up what can be done of a plan. Returns when a failed step is to be tried again, if any: milliseconds since the epoch. */
  offer(plan: Plan): number | undefined {
    if (this.stopping) return undefined;
    this.forgetFailuresOutside(plan);
    const open = new Set(plan.steps.map((step) => step.id));
    const keys = new Set([...this.inFlight.values()].map((step) => step.key));
    let retryAt: number | undefined;
    for (const step of plan.steps) {
      if (keys.has(step.key) || step.after.some((id) => open.has(id) || this.inFlight.has(id))) continue;
      const failure = this.failures.get(step.id);
      if (failure && failure.retryAt > this.clock.now()) {
        retryAt = Math.min(retryAt ?? failure.retryAt, failure.retryAt);
        continue;
      }
      keys.add(step.key);
      void this.run(step);
    }
    return retryAt;
  }

  /** No new steps; resolves when those under way have ended. */
  async stop(): Promise<void> {
    this.stopping = true;
    while (this.inFlight.size > 0) await this.clock.sleep(10);
  }

  private async run(step: Step): Promise<void> {
    this.inFlight.set(step.id, step);
    try {
      await this.gate.pass(step, async () => {
        this.bus.started(step);
        await this.perform(step);
      });
      this.failures.delete(step.id);
      this.inFlight.delete(step.id);
      this.bus.done(step);
    } catch (error) {
      const attempts = (this.failures.get(step.id)?.attempts ?? 0) + 1;
      this.failures.set(step.id, { attempts, retryAt: this.clock.now() + backoff(attempts, 200, 30_000) });
      this.inFlight.delete(step.id);
      this.bus.failed(step, error instanceof Error ? error : new Error(String(error)));
    }
    this.settled();
  }

  private forgetFailuresOutside(plan: Plan): void {
    if (this.failures.size === 0) return;
    const known = new Set(plan.steps.map((step) => step.id));
    for (const id of this.failures.keys()) if (!known.has(id)) this.failures.delete(id);
  }
}
