/** Lets so many pieces of work go on at once; the others wait in the order in which they came. */
export class Semaphore {
  private inside = 0;
  private readonly waiting: (() => void)[] = [];

  /** @param width at least 1 */
  constructor(private readonly width: number) {}

  /** @param first before all who wait already */
  async run<T>(work: () => Promise<T>, first = false): Promise<T> {
    await this.enter(first);
    try {
      return await work();
    } finally {
      this.leave();
    }
  }

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
