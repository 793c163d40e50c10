import { isDeepStrictEqual } from 'node:util';
import { Logger } from '@nestjs/common';
import type { FromNode, ToNodeInput } from '#lib/contracts';
import type { Peer, RefusedAttachment, Task } from '#lib/domain';
import { difference, type AssignedSet } from './assigned-set.js';

/** So many messages are remembered for a node that does not confirm them; it may confirm a later one. */
const UNCONFIRMED = 50;

/** What a session needs of the rest. */
export interface SessionParts {
  nodeId: string;
  /** how often the node is to be heard of, in milliseconds */
  heartbeat(): number;
  send(message: ToNodeInput): void;
  /** what the node should have now */
  wanted(): AssignedSet;
  hello(description: string): Promise<void>;
  report(tasks: { taskId: string; status: string }[]): Promise<void>;
  /** @param wanted JSON of WantedAttachment[] */
  attach(wanted: string): Promise<RefusedAttachment[]>;
  alive(): void;
  /** it is to count as down, and the session to end */
  leave(): Promise<void>;
  /** it is told of another heartbeat */
  paced(): void;
  /** the node said that it works by what it was sent */
  confirmed(): void;
  /** the roots that the node is to trust, PEM, and how long it may take until it asks for a certificate of the last one */
  trust(): { roots: string[]; withinMs: number };
  node(): string;
}

/** One node's stream: what it was sent is remembered, so that only differences follow the first, full set. */
export class Session {
  private readonly log = new Logger('dispatcher');
  private sent: AssignedSet | undefined;
  private greeted = false;
  /** the heartbeat that it was told of last */
  private heartbeat = 0;
  /** the roots that it was told of last */
  private trusted: string[] = [];
  private number = 0;
  /** by number: what was sent with news of peers and is not confirmed yet */
  private readonly unconfirmed = new Map<number, AssignedSet>();
  /** what the node works by, by its own word */
  private worksBy: AssignedSet | undefined;

  constructor(private readonly parts: SessionParts) {}

  /** Messages are taken one after another; the caller waits for each. */
  async receive({ hello, report, heartbeat, attachments, applied, leaving }: FromNode): Promise<void> {
    if (leaving) return this.parts.leave();
    this.parts.alive();
    if (hello) {
      await this.parts.hello(hello.description);
      this.greeted = true;
      this.welcome();
      this.update();
    } else if (report) {
      await this.parts.report(report.tasks);
      this.parts.send({ acknowledged: { number: report.number } });
    } else if (attachments) {
      const refused = await this.parts.attach(attachments.wanted);
      // What was granted is there before the answer.
      this.update();
      this.parts.send({ attached: { number: attachments.number, refused: JSON.stringify(refused) } });
    } else if (applied) {
      this.confirm(applied.number);
    } else if (!heartbeat) {
      this.log.warn(`node ${this.parts.nodeId} sent something that this version does not know`);
    }
  }

  /** May the node still send something new to that task? One that has not said what it works by may. */
  mayUse(task: Task): boolean {
    if (!this.worksBy) return true;
    return task.attachments.some(({ networkId }) => {
      const peer = this.worksBy!.get(`peer ${networkId}/${task.id}`);
      return peer !== undefined && (JSON.parse(peer.value) as Peer).withheld === '';
    });
  }

  private confirm(number: number): void {
    const set = this.unconfirmed.get(number);
    if (!set) return;
    this.worksBy = set;
    for (const each of this.unconfirmed.keys()) if (each <= number) this.unconfirmed.delete(each);
    this.parts.confirmed();
  }

  /** False: the node is not ready for it yet. */
  ask(message: ToNodeInput): boolean {
    if (this.greeted) this.parts.send(message);
    return this.greeted;
  }

  /** The state changed: sends what this node has to know of it. */
  update(): void {
    if (!this.greeted) return;
    if (this.heartbeat !== this.parts.heartbeat()) {
      this.parts.paced();
      this.welcome();
    }
    this.updateTrust();
    const wanted = this.parts.wanted();
    const changes = difference(this.sent ?? new Map(), wanted);
    const full = this.sent === undefined;
    this.sent = wanted;
    if (changes.length === 0 && !full) return;
    const put = [];
    const removed = [];
    for (const change of changes) {
      if (change.op === 'put') put.push({ kind: change.kind, id: change.id, value: JSON.stringify(change.value) });
      else removed.push({ kind: change.kind, id: change.id });
    }
    this.number += 1;
    if (full || changes.some(({ kind }) => kind === 'peer')) this.unconfirmed.set(this.number, wanted);
    this.unconfirmed.delete(this.number - UNCONFIRMED);
    this.parts.send({ assignments: { full, put, removed, number: this.number } });
  }

  /** Said again where the heartbeat changes. */
  private welcome(): void {
    this.heartbeat = this.parts.heartbeat();
    this.parts.send({ welcome: { heartbeatMs: this.heartbeat, node: this.parts.node() } });
  }

  private updateTrust(): void {
    const { roots, withinMs } = this.parts.trust();
    if (isDeepStrictEqual(roots, this.trusted)) return;
    this.trusted = roots;
    this.parts.send({ trust: { roots, withinMs } });
  }
}
