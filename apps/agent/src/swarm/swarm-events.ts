import { setTimeout as pause } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { ClusterEvent } from '#lib/contracts';
import { EventLog } from '../events/event-log.js';
import { ManagerClient } from '../membership/manager-client.js';
import { SwarmMembership } from '../membership/membership.js';

/** A manager that is away is asked again then. Milliseconds. */
const RETRY = 500;

/** On a manager's node the events of the swarm are among the node's. What happens while the manager is asked again is not told. */
@Injectable()
export class SwarmEvents {
  private following: AbortController | undefined;
  private stopped = false;

  constructor(
    private readonly membership: SwarmMembership,
    private readonly manager: ManagerClient,
    private readonly log: EventLog,
  ) {}

  start(): void {
    this.membership.onChange(() => this.look());
    this.look();
  }

  stop(): void {
    this.stopped = true;
    this.look();
  }

  private look(): void {
    const wanted = !this.stopped && this.membership.current?.role === 'manager';
    if (wanted === (this.following !== undefined)) return;
    this.following?.abort();
    this.following = wanted ? new AbortController() : undefined;
    if (this.following) void this.follow(this.following.signal);
  }

  private async follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.read(signal);
      } catch {
        // It is away, or goes: that is told where somebody asks it for something.
      }
      await pause(RETRY, undefined, { signal }).catch(() => undefined);
    }
  }

  private async read(signal: AbortSignal): Promise<void> {
    let rest = '';
    for await (const text of await this.manager.follow('/skep/v1/events', signal)) {
      const lines = (rest + text).split('\n');
      rest = lines.pop()!;
      for (const line of lines) {
        const { type, action, actor } = JSON.parse(line) as ClusterEvent;
        this.log.record(type, action, actor, 'swarm');
      }
    }
  }
}
