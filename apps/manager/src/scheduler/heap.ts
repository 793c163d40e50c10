/** A binary heap: the least by `isLess` comes out first. What is in it must keep its order; take it out to change it. */
export class Heap<T> {
  private readonly values: T[] = [];

  constructor(
    values: readonly T[],
    private readonly isLess: (a: T, b: T) => boolean,
  ) {
    for (const value of values) this.push(value);
  }

  /** In no order. */
  items(): readonly T[] {
    return this.values;
  }

  push(value: T): void {
    let at = this.values.push(value) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!this.isLess(this.values[at]!, this.values[above]!)) return;
      this.swap(at, above);
      at = above;
    }
  }

  pop(): T | undefined {
    const least = this.values[0];
    const last = this.values.pop();
    if (this.values.length === 0 || last === undefined) return least;
    this.values[0] = last;
    for (let at = 0; ;) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      let smaller = at;
      if (left < this.values.length && this.isLess(this.values[left]!, this.values[smaller]!)) smaller = left;
      if (right < this.values.length && this.isLess(this.values[right]!, this.values[smaller]!)) smaller = right;
      if (smaller === at) return least;
      this.swap(at, smaller);
      at = smaller;
    }
  }

  private swap(a: number, b: number): void {
    [this.values[a], this.values[b]] = [this.values[b]!, this.values[a]!];
  }
}
