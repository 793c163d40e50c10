import { Injectable } from '@nestjs/common';
import type { Step } from '#lib/planner';
import { ReconcilerBus } from './events.js';

/** What the node does not get done: the last error of each step that failed and is still to be taken. */
@Injectable()
export class Problems {
  private readonly open = new Map<string, { step: Step; message: string }>();
  private readonly listeners: (() => void)[] = [];

  constructor(bus: ReconcilerBus) {
    bus.subscribe({
      failed: (step, { message }) => this.note(step, message),
      done: ({ id }) => this.forget([id]),
      planned: ({ steps }, busy) => this.forgetOutside([...steps, ...busy]),
    });
  }

  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** In words, each once. */
  all(): string[] {
    return [...new Set([...this.open.values()].map(({ message }) => message))];
  }

  ofNetwork(id: string): string | undefined {
    const concerns = ({ step }: { step: Step }) => 'network' in step && step.network.id === id;
    return [...this.open.values()].find(concerns)?.message;
  }

  /** What holds up the first of these steps that does not get done; undefined: none is held up. */
  ofSteps(ids: readonly string[]): string | undefined {
    if (this.open.size === 0) return undefined;
    return ids.map((id) => this.open.get(id)?.message).find((message) => message !== undefined);
  }

  private note(step: Step, message: string): void {
    const changed = this.open.get(step.id)?.message !== message;
    this.open.set(step.id, { step, message });
    if (changed) this.changed();
  }

  private forgetOutside(steps: readonly Step[]): void {
    if (this.open.size === 0) return;
    const due = new Set(steps.map(({ id }) => id));
    this.forget([...this.open.keys()].filter((id) => !due.has(id)));
  }

  private forget(ids: readonly string[]): void {
    const known = ids.filter((id) => this.open.delete(id));
    if (known.length > 0) this.changed();
  }

  private changed(): void {
    for (const each of this.listeners) each();
  }
}
