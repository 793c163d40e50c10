import type { Step } from '#lib/planner';

/** A stop waits for a process to end, which costs nobody anything; a connection to the engine each. */
const STOPS = 64;

/**
 * Has at most `width` places for steps that work the container engine, and others for stops; the other steps need none.
 * The executor passes over a step that finds no place: only one that had a place and gave it up meanwhile waits for it.
 */
export class Gate {
  private readonly free: Record<Sort, number>;
  private readonly returning: Record<Sort, (() => void)[]> = { work: [], stop: [] };

  constructor(width: number) {
    this.free = { work: width, stop: STOPS };
  }

  /** Takes a place for the step, which is to `leave` it; false: there is none. */
  enter(step: Step): boolean {
    const sort = sortOf(step);
    if (sort && this.free[sort] === 0) return false;
    if (sort) this.free[sort] -= 1;
    return true;
  }

  leave(step: Step): void {
    const sort = sortOf(step);
    if (!sort) return;
    const next = this.returning[sort].shift();
    if (next) next();
    else this.free[sort] += 1;
  }

  /** Takes the step's place again, which it left for something that the engine has no work with. */
  async enterAgain(step: Step): Promise<void> {
    const sort = sortOf(step);
    if (sort && !this.enter(step)) await new Promise<void>((resolve) => this.returning[sort].push(resolve));
  }
}

type Sort = 'work' | 'stop';

function sortOf({ kind }: Step): Sort | undefined {
  if (!kind.startsWith('container.') || kind === 'container.forget') return undefined;
  return kind === 'container.stop' ? 'stop' : 'work';
}
