import { Logger } from '@nestjs/common';
import { messageOf } from '#lib/common';
import { isLeaving, isTerminal, type Task } from '#lib/domain';
import type { ClusterStore, ClusterView } from '#lib/store';

/** A node that does not say what it does is not waited for any longer than that. Milliseconds. */
const PATIENCE = 3_000;

/** After marks that could not be committed. Milliseconds. */
const RETRY = 1_000;

/**
 * A task that is to end is withdrawn first: it gets the word that its time to end what was begun has come when no other
 * node sends it anything new any more, by what the nodes themselves say.
 */
export class Withdrawals {
  /** task id → when it was seen to leave */
  private readonly since = new Map<string, number>();
  private readonly log = new Logger('withdrawals');
  private timer: NodeJS.Timeout | undefined;

  /** @param inUse does a node other than its own still send something new to the task, as far as is known? */
  constructor(
    private readonly store: Pick<ClusterStore, 'list' | 'transact'>,
    private readonly inUse: (task: Task) => boolean,
  ) {}

  /** To be called whenever the state or what nodes say has changed. */
  consider(now = Date.now()): void {
    const leaving = this.store.list('task').filter(isHeld);
    for (const id of this.since.keys()) if (!leaving.some((task) => task.id === id)) this.since.delete(id);
    for (const { id } of leaving) if (!this.since.has(id)) this.since.set(id, now);
    const free = leaving.filter((task) => now - this.since.get(task.id)! >= PATIENCE || !this.inUse(task));
    clearTimeout(this.timer);
    if (free.length > 0) this.mark(free);
    if (free.length < leaving.length) this.again(PATIENCE / 10);
  }

  private mark(free: readonly Task[]): void {
    this.store
      .transact((view) => ({ changes: marks(free, view), result: undefined }))
      .catch((error: unknown) => {
        this.log.warn(`tasks that are withdrawn wait: ${messageOf(error)}`);
        this.again(RETRY);
      });
  }

  private again(ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.consider(), ms).unref();
  }

  stop(): void {
    clearTimeout(this.timer);
  }
}

function isHeld(task: Task): boolean {
  return isLeaving(task) && !task.withdrawn && task.nodeId !== undefined && !isTerminal(task.status.state);
}

function marks(free: readonly Task[], view: ClusterView) {
  return free.flatMap(({ id }) => {
    const task = view.get('task', id)?.value;
    return task && isHeld(task) ? [{ op: 'put', kind: 'task', value: { ...task, withdrawn: true } } as const] : [];
  });
}
