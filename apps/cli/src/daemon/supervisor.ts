import { Child, type ChildSpec, type Surroundings } from './child.js';

/** for all of them together; the last one gets what the others left, and never less than the reserve */
const STOP_MS = 10_000;
const RESERVE_MS = 2_000;

/** Runs the processes of a node: starts all, restarts whichever dies, and stops them in the order in which they are given. */
export class Supervisor {
  private children: readonly Child[];
  private stopping = false;

  constructor(
    specs: readonly ChildSpec[],
    private readonly around: Surroundings,
  ) {
    this.children = specs.map((spec) => new Child(spec, around));
  }

  get pids(): (number | undefined)[] {
    return this.children.map((child) => child.pid);
  }

  start(): void {
    // Who is stopped last is needed by the others, so it is started first.
    for (const child of this.children.toReversed()) child.start();
  }

  /** From now on these are to run: new ones are started, those that are not named are stopped, the others are left alone. */
  async update(specs: readonly ChildSpec[]): Promise<void> {
    if (this.stopping) return;
    const before = this.children;
    this.children = specs.map(
      (spec) => before.find((child) => child.name === spec.name) ?? new Child(spec, this.around),
    );
    for (const child of this.children) if (!before.includes(child)) child.start();
    await Promise.all(before.filter((child) => !this.children.includes(child)).map((child) => child.stop(STOP_MS)));
  }

  async stop(totalMs = STOP_MS, reserveMs = RESERVE_MS): Promise<void> {
    this.stopping = true;
    const deadline = performance.now() + totalMs;
    for (const [index, child] of this.children.entries()) {
      const reserved = (this.children.length - 1 - index) * reserveMs;
      await child.stop(Math.max(0, Math.round(deadline - reserved - performance.now())));
    }
  }
}
