import { Inject, Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { messageOf } from '#lib/common';
import type { ClusterStore } from '#lib/store';
import { STORE } from '../cluster/tokens.js';

/** A node that misses as many heartbeats in a row is down. */
const MISSED = 3;

/** After a mark that could not be committed. Milliseconds. */
const RETRY = 1_000;

/**
 * When each node was heard of last. That is kept in memory only: after a restart of the manager every node that was
 * ready gets the full time again before it counts as down.
 */
@Injectable()
export class Liveness implements OnModuleDestroy {
  private readonly log = new Logger('liveness');
  private readonly timers = new Map<string, NodeJS.Timeout>();
  /** of nodes that are down and could not be marked so yet */
  private readonly unmarked = new Map<string, NodeJS.Timeout>();

  constructor(@Inject(STORE) private readonly store: ClusterStore) {}

  /** Called once the manager serves. */
  start(heartbeatMs: number): void {
    for (const node of this.store.list('node')) if (node.status.state === 'ready') this.heard(node.id, heartbeatMs);
  }

  heard(nodeId: string, heartbeatMs: number): void {
    this.arm(nodeId, heartbeatMs);
    if (this.store.get('node', nodeId)?.value.status.state === 'down') void this.put(nodeId, 'ready', '');
  }

  /** It is told to be heard of at another pace, and has the time of that one from now on. One that is down stays so. */
  paced(nodeId: string, heartbeatMs: number): void {
    if (this.timers.has(nodeId)) this.arm(nodeId, heartbeatMs);
  }

  /** It has said so itself: nothing is waited for. */
  async left(nodeId: string): Promise<void> {
    this.forget(nodeId);
    await this.put(nodeId, 'down', 'left the swarm');
  }

  private arm(nodeId: string, heartbeatMs: number): void {
    this.forget(nodeId);
    const timer = setTimeout(() => void this.silent(nodeId), heartbeatMs * MISSED);
    this.timers.set(nodeId, timer);
  }

  private forget(nodeId: string): void {
    for (const timers of [this.timers, this.unmarked]) {
      clearTimeout(timers.get(nodeId));
      timers.delete(nodeId);
    }
  }

  onModuleDestroy(): void {
    for (const timers of [this.timers, this.unmarked]) for (const timer of timers.values()) clearTimeout(timer);
  }

  private async silent(nodeId: string): Promise<void> {
    this.timers.delete(nodeId);
    this.log.warn(`node ${nodeId} was not heard of for ${MISSED} heartbeats: it is down`);
    await this.put(nodeId, 'down', 'heartbeat failure');
  }

  private async put(nodeId: string, state: 'ready' | 'down', message: string): Promise<void> {
    try {
      await this.store.transact((view) => {
        const node = view.get('node', nodeId)?.value;
        if (!node || node.status.state === state) return { changes: [], result: undefined };
        const value = { ...node, status: { ...node.status, state, message }, updatedAt: new Date().toISOString() };
        return { changes: [{ op: 'put', kind: 'node', value }], result: undefined };
      });
    } catch (error) {
      this.log.error(`node ${nodeId} could not be marked ${state}: ${messageOf(error)}`);
      // Of one that is ready the next heartbeat tells again; of one that is down nobody does.
      if (state === 'down' && !this.timers.has(nodeId)) this.markLater(nodeId, message);
    }
  }

  private markLater(nodeId: string, message: string): void {
    clearTimeout(this.unmarked.get(nodeId));
    const timer = setTimeout(() => void this.put(nodeId, 'down', message), RETRY);
    this.unmarked.set(nodeId, timer);
  }
}
