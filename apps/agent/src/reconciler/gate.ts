import { Semaphore } from '#lib/common';
import type { Step } from '#lib/planner';

/** Lets at most `width` steps that work the container engine go on at once; the others pass freely. */
export class Gate {
  private readonly places: Semaphore;

  constructor(width: number) {
    this.places = new Semaphore(width);
  }

  async pass(step: Step, work: () => Promise<void>): Promise<void> {
    if (!step.kind.startsWith('container.') || step.kind === 'container.forget') return work();
    // Starts go before creates: a container that can run is worth more than one more that could.
    await this.places.run(work, step.kind === 'container.start');
  }
}
