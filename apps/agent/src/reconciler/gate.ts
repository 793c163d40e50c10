import type { Step } from '#lib/planner';

/** Lets at most `width` steps that work the container engine go on at once; the others pass freely. */
export class Gate {
  private inside = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly width: number) {}

  async pass(step: Step, work: () => Promise<void>): Promise<void> {
    if (!step.kind.startsWith('container.') || step.kind === 'container.forget') return work();
    await this.enter();
    try {
      await work();
    } finally {
      this.leave();
    }
  }

  private async enter(): Promise<void> {
    if (this.inside >= this.width) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.inside += 1;
  }

  private leave(): void {
    const next = this.waiting.shift();
    if (next) next();
    else this.inside -= 1;
  }
}
