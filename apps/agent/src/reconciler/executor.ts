import { backoff, type Clock } from '#lib/common';
import type { Plan, Step } from '#lib/planner';
import type { ReconcilerBus } from './events.js';
import { Gate } from './gate.js';

/** Carries out one step. It resolves once the world, as the next comparison will see it, contains the result. */
export type Perform = (step: Step, outside: Outside) => Promise<void>;

/** Does a part of the step that may last, as a download, without its place at the gate, which others have meanwhile. */
export type Outside = <T>(work: () => Promise<T>) => Promise<T>;

interface Failure {
  attempts: number;
  retryAt: number;
}

/**
 * Runs the steps of the latest plan: each as soon as its predecessors are out of the plan, never two with one key, and
 * again after a growing pause when it failed. It keeps no queue: what is still needed comes back with the next plan.
 * Comparisons of a large node take a while; until the next one, places that become free go to what is due by the last.
 */
export class Executor {
  private readonly inFlight = new Map<string, Step>();
  private readonly failures = new Map<string, Failure>();
  /** steps of the latest plan that lack nothing but a place at the gate */
  private due: Step[] = [];
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

  /** Takes up what can be done of a plan. Returns when a failed step is to be tried again, if any, by its clock. */
  offer(plan: Plan): number | undefined {
    if (this.stopping) return undefined;
    this.forgetFailuresOutside(plan);
    const open = new Set(plan.steps.map((step) => step.id));
    const keys = new Set([...this.inFlight.values()].map((step) => step.key));
    let retryAt: number | undefined;
    this.due = [];
    for (const step of startsFirst(plan.steps)) {
      if (keys.has(step.key) || step.after.some((id) => open.has(id) || this.inFlight.has(id))) continue;
      const failure = this.failures.get(step.id);
      if (failure && failure.retryAt > this.clock.now()) {
        retryAt = Math.min(retryAt ?? failure.retryAt, failure.retryAt);
        continue;
      }
      keys.add(step.key);
      if (this.gate.enter(step)) void this.run(step);
      else this.due.push(step);
    }
    return retryAt;
  }

  /** Something else is wanted of these containers: no step for them begins before the next comparison. */
  changed(containers: ReadonlySet<string>): void {
    if (this.due.length === 0) return;
    this.due = this.due.filter((step) => !inEngine(step).some((id) => containers.has(id)));
  }

  /** No new steps; resolves when those under way have ended. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.due = [];
    while (this.inFlight.size > 0) await this.clock.sleep(10);
  }

  private async run(step: Step): Promise<void> {
    this.inFlight.set(step.id, step);
    try {
      this.bus.started(step);
      await this.perform(step, (work) => this.outside(step, work));
      this.failures.delete(step.id);
      this.ended(step);
      this.bus.done(step);
    } catch (error) {
      const attempts = (this.failures.get(step.id)?.attempts ?? 0) + 1;
      this.failures.set(step.id, { attempts, retryAt: this.clock.now() + backoff(attempts, 200, 30_000) });
      this.ended(step);
      this.bus.failed(step, error instanceof Error ? error : new Error(String(error)));
    }
    this.takeUp();
    this.settled();
  }

  private async outside<T>(step: Step, work: () => Promise<T>): Promise<T> {
    this.gate.leave(step);
    this.takeUp();
    try {
      return await work();
    } finally {
      await this.gate.enterAgain(step);
    }
  }

  private ended(step: Step): void {
    if (this.inFlight.delete(step.id)) this.gate.leave(step);
  }

  private takeUp(): void {
    const index = this.due.findIndex((step) => this.gate.enter(step));
    const [next] = index < 0 ? [] : this.due.splice(index, 1);
    if (next) void this.run(next);
  }

  private forgetFailuresOutside(plan: Plan): void {
    if (this.failures.size === 0) return;
    const known = new Set(plan.steps.map((step) => step.id));
    for (const id of this.failures.keys()) if (!known.has(id)) this.failures.delete(id);
  }
}

/** Our ids of the containers that a step changes in the engine. */
export function inEngine(step: Step): string[] {
  if (step.kind === 'container.discard') return [step.observed.id];
  return 'container' in step && step.kind.startsWith('container.') ? [step.container.id] : [];
}

/** A container that can run is worth more than one more that could. */
function startsFirst(steps: readonly Step[]): Step[] {
  const isStart = ({ kind }: Step) => kind === 'container.start';
  return [...steps.filter(isStart), ...steps.filter((step) => !isStart(step))];
}
