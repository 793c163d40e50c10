/** Lets so many pieces of work go on at once; the others wait in the order in which they came. */
export class Semaphore {
  private inside = 0;
  private readonly waiting: (() => void)[] = [];

  /** @param width at least 1 */
  constructor(private readonly width: number) {}

  /** Work that need not wait begins before this returns. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.inside < this.width) this.inside += 1;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      return await work();
    } finally {
      this.leave();
    }
  }

  private leave(): void {
    const next = this.waiting.shift();
    if (next) next();
    else this.inside -= 1;
  }
}
