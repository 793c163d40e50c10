/** Upper bounds of the latency buckets, in seconds. */
export const LATENCY_BUCKETS = [
  0.000_01, 0.000_025, 0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.005, 0.025, 0.1, 0.5, 1, 5,
] as const;

const RCODES = 17;
const DROPPED = RCODES;
const SUM = RCODES + 1;
const BUCKETS = RCODES + 2;
const LENGTH = BUCKETS + LATENCY_BUCKETS.length + 1;

/**
 * Counts of answers and how long they took. The worker's are in memory that both threads see: it alone writes them,
 * the main thread reads.
 */
export class AnswerStatistics {
  readonly #numbers: Float64Array;

  static memory(): SharedArrayBuffer {
    return new SharedArrayBuffer(8 * LENGTH);
  }

  constructor(memory = AnswerStatistics.memory()) {
    this.#numbers = new Float64Array(memory);
  }

  answered(rcode: number): void {
    this.#numbers[rcode]!++;
  }

  dropped(): void {
    this.#numbers[DROPPED]!++;
  }

  /** So many answers took so long, from the receipt of their questions until they were sent. */
  took(milliseconds: number, answers: number): void {
    const seconds = milliseconds / 1000;
    let bucket = 0;
    while (bucket < LATENCY_BUCKETS.length && seconds > LATENCY_BUCKETS[bucket]!) bucket++;
    this.#numbers[BUCKETS + bucket]! += answers;
    this.#numbers[SUM]! += seconds * answers;
  }

  read(): { answers: Map<number, number>; dropped: number; buckets: number[]; sumSeconds: number } {
    const numbers = this.#numbers;
    return {
      answers: new Map([...numbers.subarray(0, RCODES).entries()].filter(([, count]) => count > 0)),
      dropped: numbers[DROPPED]!,
      buckets: [...numbers.subarray(BUCKETS)],
      sumSeconds: numbers[SUM]!,
    };
  }
}
