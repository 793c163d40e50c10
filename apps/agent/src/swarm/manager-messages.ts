import { Inject, Injectable, Logger } from '@nestjs/common';
import { messageOf } from '#lib/common';
import type { SessionStream, SwarmClient, ToNode } from '#lib/contracts';
import type { Assigned, AssignedKind, AssignmentChange, RefusedAttachment } from '#lib/domain';
import type { Store } from '#lib/store';
import { ClusterAttachments } from '../networks/cluster-attachments.js';
import { STORE } from '../node/tokens.js';
import { ReconcilerBus } from '../reconciler/events.js';
import { Problems } from '../reconciler/problems.js';
import { World } from '../world/world.js';
import { SettledTraffic } from './settled-traffic.js';
import { SwarmTasks } from './swarm-tasks.js';
import { TaskLogs } from './task-logs.js';
import { TaskReporter } from './task-reporter.js';

/** A manager that is told that the node leaves has so long to answer. Milliseconds. */
const LEAVES_WITHIN = 2_000;

/** What the node and its manager say to each other while a session is open: assignments one way, reports the other. */
@Injectable()
export class ManagerMessages {
  private readonly log = new Logger('swarm');
  /** ends the wait for the manager's answer to that the node leaves */
  private parted: (() => void) | undefined;
  private open: { client: SwarmClient; stream: SessionStream } | undefined;

  constructor(
    @Inject(STORE) private readonly store: Store,
    private readonly tasks: SwarmTasks,
    private readonly reporter: TaskReporter,
    private readonly attachments: ClusterAttachments,
    private readonly bus: ReconcilerBus,
    private readonly settled: SettledTraffic,
    private readonly logs: TaskLogs,
    private readonly world: World,
    private readonly problems: Problems,
  ) {}

  /** Whatever may be news for the manager is looked at from here on. */
  start(): void {
    this.store.feed(() => this.report());
    this.world.onContainer(() => this.report());
    this.problems.onChange(() => this.report());
    this.attachments.start(() => this.report());
    // Addresses are in use until then.
    this.bus.subscribe({ done: (step) => step.kind === 'sandbox.remove' && this.report() });
  }

  opened(client: SwarmClient, stream: SessionStream): void {
    this.open = { client, stream };
  }

  /**
   * Tells the manager that the node leaves, so that nobody sends to it any more when it goes. The manager answers by the end
   * of the session; one that is away, or does not know the word, hinders nobody.
   */
  async leave(): Promise<void> {
    const stream = this.open?.stream;
    if (!stream) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, LEAVES_WITHIN);
      this.parted = () => {
        clearTimeout(timer);
        resolve();
      };
      stream.write({ leaving: {} });
    });
    this.parted = undefined;
  }

  /** The end of the session is what was asked for. */
  get isLeaving(): boolean {
    return this.parted !== undefined;
  }

  closed(): void {
    this.open = undefined;
    this.parted?.();
    this.reporter.disconnected();
    this.attachments.disconnected();
  }

  /** Rejects when an assignment cannot be written down: the manager is to give it again. */
  async heard({ assignments, acknowledged, attached, logs }: ToNode): Promise<void> {
    if (assignments) await this.assigned(assignments);
    if (acknowledged) {
      this.reporter.acknowledged(acknowledged.number);
      // What changed meanwhile.
      this.report();
    }
    if (attached) {
      this.attachments.answered(attached.number, JSON.parse(attached.refused) as RefusedAttachment[]);
      this.report();
    }
    // Not waited for: it lasts as long as somebody reads.
    if (logs && this.open) void this.logs.publish(logs, this.open.client.publishLogs());
  }

  private async assigned({ full, number, put, removed }: NonNullable<ToNode['assignments']>): Promise<void> {
    const changes = [
      ...put.map(({ kind, id, value }) => ({
        op: 'put',
        kind: kind as AssignedKind,
        id,
        value: JSON.parse(value) as Assigned[AssignedKind],
      })),
      ...removed.map(({ kind, id }) => ({ op: 'removed', kind: kind as AssignedKind, id })),
    ] as AssignmentChange[];
    const { open } = this;
    await this.tasks.apply(full, changes);
    if (this.open !== open) return;
    this.reporter.connected();
    this.attachments.connected();
    this.report();
    if (full || changes.some(({ kind }) => kind === 'peer')) void this.confirm(number);
  }

  /** Without this word the manager waits a little longer before it lets a task end. */
  private async confirm(number: number): Promise<void> {
    const { open } = this;
    try {
      await this.settled.reached();
      if (this.open === open) open?.stream.write({ applied: { number } });
    } catch (error) {
      this.log.warn(`it is not certain that what the manager assigned is in use: ${messageOf(error)}`);
    }
  }

  private report(): void {
    if (!this.open) return;
    const report = this.reporter.next();
    if (report) this.open.stream.write({ report });
    const attachments = this.attachments.next();
    if (attachments) this.open.stream.write({ attachments });
  }
}
