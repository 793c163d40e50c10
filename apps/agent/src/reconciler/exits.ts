import { Inject, Injectable, Logger } from '@nestjs/common';
import { messageOf, SkepError } from '#lib/common';
import {
  afterExit,
  afterLoss,
  afterRestart,
  freshStatus,
  isToRestart,
  type Container,
  type ContainerStatus,
  type ObservedContainer,
} from '#lib/domain';
import type { Host } from '#lib/host';
import type { Store } from '#lib/store';
import { HOST, NODE, STORE, type Node } from '../node/tokens.js';
import { World } from '../world/world.js';

/** The start of a run is written down a moment after it, so its end may seem to be before. Milliseconds. */
const CLOCKS = 1_000;

/** Notices the end of every container's first process and lets the restart policy decide what follows. */
@Injectable()
export class Exits {
  private readonly log = new Logger('exits');
  private readonly watched = new Map<string, { pid: number; stop: () => void }>();

  constructor(
    @Inject(NODE) private readonly node: Node,
    @Inject(STORE) private readonly store: Store,
    @Inject(HOST) private readonly host: Host,
    private readonly world: World,
  ) {}

  /** Called with our id of a container whenever it was looked at. */
  consider(id: string): void {
    const seen = this.world.container(id);
    this.watch(id, seen);
    if (seen?.state === 'exited' && seen.finishedAt !== '') {
      this.account(id, seen).catch((error: unknown) => this.log.warn(messageOf(error)));
    }
  }

  stop(): void {
    for (const { stop } of this.watched.values()) stop();
    this.watched.clear();
  }

  private watch(id: string, seen: ObservedContainer | undefined): void {
    const pid = seen?.state === 'running' ? seen.pid : 0;
    const known = this.watched.get(id);
    if (known?.pid === pid) return;
    known?.stop();
    this.watched.delete(id);
    if (!seen || pid === 0) return;
    this.watched.set(id, { pid, stop: this.host.onExit(pid, () => void this.ended(id, seen)) });
  }

  /** The kernel says so before the engine does: names are withdrawn at once, the exit code comes with the engine's word. */
  private async ended(id: string, seen: ObservedContainer): Promise<void> {
    if (this.world.container(id)?.engineId !== seen.engineId) return;
    this.world.note({ ...seen, state: 'other', pid: 0 });
    try {
      await this.world.look(seen.engineId);
    } catch (error) {
      if (SkepError.is(error, 'not_found')) this.world.forget(id);
      else this.log.warn(`${seen.name} ended; its exit code is not known yet: ${messageOf(error)}`);
    }
  }

  /**
   * An end is accounted for once. The policy decides only where the container ended by itself: not after a stop, and
   * not when its namespace is gone with it, or nobody saw it end, which is what a reboot leaves.
   */
  private async account(id: string, seen: ObservedContainer): Promise<void> {
    await this.store.transact((view) => {
      const container = view.get('container', id)?.value;
      const status = view.get('status', id)?.value ?? (container && freshStatus(container));
      if (!container || !status || status.endedAt === seen.finishedAt) return { changes: [], result: undefined };
      const value = this.verdict(container, status, seen);
      const stopped = container.target === 'stopped' && !container.restarting;
      const over = container.autoRemove && (value.finished || stopped);
      return {
        changes: [
          { op: 'put', kind: 'status', value },
          ...(over ? [{ op: 'put', kind: 'container', value: { ...container, target: 'removed' } } as const] : []),
        ],
        result: undefined,
      };
    });
  }

  private verdict(container: Container, status: ContainerStatus, seen: ObservedContainer): ContainerStatus {
    if (seen.lost && isKnown(status, seen)) return { ...status, endedAt: seen.finishedAt };
    const ended = { ...status, endedAt: seen.finishedAt, exitCode: seen.exitCode };
    if (container.target !== 'running') return ended;
    if (isToRestart(container, seen)) return afterRestart(container, seen);
    if (status.signalled) return { ...ended, finished: true };
    const lost = seen.lost === true || (container.networkMode === 'bridged' && !this.hasNetns(container.id));
    return lost ? afterLoss(container, status, seen) : afterExit(container, status, seen, Date.now());
  }

  private hasNetns(id: string): boolean {
    const name = this.node.names.netns(id);
    return this.host.listNetns(name).includes(name);
  }
}

/** Of one that counts as lost because its next run could not begin, that end was accounted for before. */
function isKnown({ finished, endedAt }: ContainerStatus, { startedAt }: ObservedContainer): boolean {
  return finished || (endedAt !== undefined && Date.parse(endedAt) + CLOCKS >= Date.parse(startedAt));
}
