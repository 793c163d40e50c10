import { Semaphore } from '#lib/common';
import type { Step } from '#lib/planner';

/** A stop waits for a process to end, which costs nobody anything; a connection to the engine each. */
const STOPS = 64;

/** Lets at most `width` steps that work the container engine go on at once, and stops beside them; the others pass freely. */
export class Gate {
  private readonly places: Semaphore;
  private readonly stops = new Semaphore(STOPS);

  constructor(width: number) {
    this.places = new Semaphore(width);
  }

  async pass(step: Step, work: () => Promise<void>): Promise<void> {
    if (!step.kind.startsWith('container.') || step.kind === 'container.forget') return work();
    if (step.kind === 'container.stop') return this.stops.run(work);
    // Starts go before creates: a container that can run is worth more than one more that could.
    await this.places.run(work, step.kind === 'container.start');
  }
}
