import type { Step } from '#lib/planner';

/** Lets at most `width` steps that work the container engine go on at once; the others pass freely. */
export class Gate {
  private inside = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly width: number) {}

  async pass(step: Step, work: () => Promise<void>): Promise<void> {
    if (!step.kind.startsWith('container.') || step.kind === 'container.forget') return work();
    await this.enter(step.kind === 'container.start');
    try {
      await work();
    } finally {
      this.leave();
    }
  }

  /** Starts go before creates: a container that can run is worth more than one more that could. */
  private async enter(first: boolean): Promise<void> {
    if (this.inside < this.width) this.inside += 1;
    else await new Promise<void>((resolve) => (first ? this.waiting.unshift(resolve) : this.waiting.push(resolve)));
  }

  private leave(): void {
    const next = this.waiting.shift();
    if (next) next();
    else this.inside -= 1;
  }
}
