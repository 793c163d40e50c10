import { Injectable } from '@nestjs/common';
import type { Step } from '#lib/planner';
import { ReconcilerBus } from './events.js';

/** What the node does not get done: the last error of each step that failed and is still to be taken. */
@Injectable()
export class Problems {
  private readonly open = new Map<string, { step: Step; message: string }>();

  constructor(bus: ReconcilerBus) {
    bus.subscribe({
      failed: (step, { message }) => void this.open.set(step.id, { step, message }),
      done: ({ id }) => void this.open.delete(id),
      planned: ({ steps }, busy) => this.forgetOutside([...steps, ...busy]),
    });
  }

  /** In words, each once. */
  all(): string[] {
    return [...new Set([...this.open.values()].map(({ message }) => message))];
  }

  ofNetwork(id: string): string | undefined {
    const concerns = ({ step }: { step: Step }) => 'network' in step && step.network.id === id;
    return [...this.open.values()].find(concerns)?.message;
  }

  private forgetOutside(steps: readonly Step[]): void {
    if (this.open.size === 0) return;
    const due = new Set(steps.map(({ id }) => id));
    for (const id of this.open.keys()) if (!due.has(id)) this.open.delete(id);
  }
}
