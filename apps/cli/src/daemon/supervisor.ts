import { messageOf } from '#lib/common';
import { Child, type ChildSpec, type Surroundings } from './child.js';

/** for all of them together; the last one gets what the others left, and never less than the reserve */
const STOP_MS = 10_000;
const RESERVE_MS = 2_000;

/** Runs the processes of a node: starts all, restarts whichever dies, and stops them in the order in which they are given. */
export class Supervisor {
  private children: readonly Child[];
  /** those that are not wanted any more, and their ends */
  private readonly ending = new Map<Child, Promise<void>>();
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

  /**
   * From now on these are to run: new ones are started, those that are not named are stopped, the others are left alone. A
   * new one waits for the end of one of its name, which has the same files and sockets.
   */
  async update(specs: readonly ChildSpec[]): Promise<void> {
    if (this.stopping) return;
    const before = this.children;
    this.children = specs.map((spec) => before.find((child) => child.is(spec)) ?? new Child(spec, this.around));
    for (const child of before) if (!this.children.includes(child)) this.end(child);
    const begun = this.children.filter((child) => !before.includes(child)).map((child) => this.startAfterOthers(child));
    await Promise.all([...begun, ...this.ending.values()]);
  }

  /** The same; where nobody can say what is to run, what does goes on. */
  follow(wanted: () => readonly ChildSpec[]): void {
    try {
      void this.update(wanted());
    } catch (error) {
      this.around.log('error', `which processes are to run is not known, so those that do go on: ${messageOf(error)}`);
    }
  }

  async stop(totalMs = STOP_MS, reserveMs = RESERVE_MS): Promise<void> {
    this.stopping = true;
    const deadline = performance.now() + totalMs;
    for (const [index, child] of this.children.entries()) {
      const reserved = (this.children.length - 1 - index) * reserveMs;
      await child.stop(Math.max(0, Math.round(deadline - reserved - performance.now())));
    }
    await Promise.all(this.ending.values());
  }

  private end(child: Child): void {
    this.ending.set(
      child,
      child.stop(STOP_MS).finally(() => this.ending.delete(child)),
    );
  }

  private async startAfterOthers(child: Child): Promise<void> {
    await Promise.all([...this.ending].map(([other, end]) => (other.name === child.name ? end : undefined)));
    if (!this.stopping && this.children.includes(child)) child.start();
  }
}
