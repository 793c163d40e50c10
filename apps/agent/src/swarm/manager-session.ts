import { Inject, Injectable, Logger } from '@nestjs/common';
import { backoff, messageOf } from '#lib/common';
import { createSwarmClient, type Membership, type SessionStream, type SwarmClient, type ToNode } from '#lib/contracts';
import { certificatesIn } from '#lib/pki';
import type { Store } from '#lib/store';
import { NodeTunnel } from '../data-plane/node-tunnel.js';
import { CertificateRenewal } from '../membership/certificate-renewal.js';
import { SwarmMembership } from '../membership/membership.js';
import { NodeSurroundings } from '../networks/surroundings.js';
import { NODE, STORE, type Node } from '../node/tokens.js';
import { ManagerMessages } from './manager-messages.js';
import { nodeDescription } from './node-description.js';
import { ownPrefixes } from './own-prefixes.js';
import { SwarmService } from './swarm.service.js';

/** Routes and networks of the node are looked at that often. Milliseconds. */
const LOOK_AROUND = 5_000;
/** Between two tries to reach a manager. Milliseconds. */
const LONGEST_PAUSE = 8_000;
/** Of a cluster that has not said another one. Milliseconds. */
const HEARTBEAT = 5_000;
/** A manager that was reached and says nothing for so long is tried again. Milliseconds. */
const WELCOME_WITHIN = 10_000;

/**
 * The node's stream to its manager, opened again with a growing pause for as long as the node is of a cluster. While it is
 * away the node goes on with what it was assigned.
 */
@Injectable()
export class ManagerSession {
  private readonly log = new Logger('swarm');
  private client: SwarmClient | undefined;
  private stream: SessionStream | undefined;
  private attempts = 0;
  /** as the manager said last */
  private heartbeatMs = HEARTBEAT;
  /** counts beginnings of sessions: the latest is the one that goes on */
  private opening = 0;
  private retry: NodeJS.Timeout | undefined;
  private unanswered: NodeJS.Timeout | undefined;
  private heartbeat: NodeJS.Timeout | undefined;
  private looking: NodeJS.Timeout | undefined;
  /** what the manager was told last of this node */
  private described = '';
  private stopped = false;
  /** messages are taken one after another */
  private taking: Promise<void> = Promise.resolve();

  constructor(
    @Inject(NODE) private readonly node: Node,
    @Inject(STORE) private readonly store: Store,
    private readonly membership: SwarmMembership,
    private readonly renewal: CertificateRenewal,
    private readonly swarm: SwarmService,
    private readonly messages: ManagerMessages,
    private readonly tunnel: NodeTunnel,
    private readonly surroundings: NodeSurroundings,
  ) {}

  start(): void {
    this.membership.onChange(() => this.reopen());
    this.messages.start();
    this.renewal.start();
    this.looking = setInterval(() => void this.describeAgain(), LOOK_AROUND);
    this.reopen();
  }

  stop(): void {
    this.stopped = true;
    this.renewal.stop();
    clearInterval(this.looking);
    this.close();
  }

  /** The membership or the certificate is another one. */
  private reopen(): void {
    this.close();
    this.attempts = 0;
    void this.open();
  }

  private async open(): Promise<void> {
    const { current } = this.membership;
    if (!current || this.stopped) return;
    const opening = (this.opening += 1);
    try {
      if (!current.nodeId) {
        // A founder that was ended before its own node had joined goes on; it comes back by `onChange`.
        if (current.founding) await this.swarm.settle();
        return;
      }
      const own = this.membership.credentials();
      const description = await this.describe(current);
      if (this.stopped || opening !== this.opening) return;
      const address = current.managers[this.attempts % current.managers.length]!;
      this.client = createSwarmClient(address, own.root, own, this.heartbeatMs);
      const stream = this.client.session();
      this.stream = stream;
      this.messages.opened(this.client, stream);
      stream.on('data', (message) => this.take(stream, message as ToNode));
      stream.on('error', (error: Error) => this.lost(stream, error));
      stream.on('end', () => this.lost(stream, new Error('the manager closed it')));
      stream.write({ hello: { description } });
      this.described = description;
      this.unanswered = setTimeout(() => this.lost(stream, new Error('the manager does not answer')), WELCOME_WITHIN);
    } catch (error) {
      // What was waited for here may be of a cluster that the node has left for another one.
      if (opening === this.opening) this.again(error);
    }
  }

  /** JSON of NodeDescription. */
  private async describe(membership: Membership): Promise<string> {
    const prefixes = ownPrefixes(this.surroundings.look(this.store.list('network')));
    const [trustRoot] = certificatesIn(this.membership.credentials().root);
    return JSON.stringify(
      nodeDescription(membership, this.node.config.labels, {
        encryption: await this.tunnel.describe(),
        prefixes,
        trustRoot,
        ...(this.node.config.engine === 'docker' && { moreLogDrivers: true }),
      }),
    );
  }

  /** Routes come and go: the manager hears of it. */
  private async describeAgain(): Promise<void> {
    const { stream } = this;
    const { current } = this.membership;
    if (!stream || !current?.nodeId) return;
    try {
      const description = await this.describe(current);
      if (stream !== this.stream || description === this.described) return;
      this.described = description;
      stream.write({ hello: { description } });
    } catch (error) {
      this.log.warn(`what this node is could not be told again: ${messageOf(error)}`);
    }
  }

  private close(): void {
    // One that is just being opened is not to come back.
    this.opening += 1;
    clearTimeout(this.retry);
    clearTimeout(this.unanswered);
    clearTimeout(this.heartbeat);
    const { stream, client } = this;
    this.stream = undefined;
    this.client = undefined;
    this.messages.closed();
    stream?.on('error', () => undefined);
    stream?.cancel();
    client?.close();
  }

  private lost(stream: SessionStream, error: Error): void {
    if (this.stream !== stream) return;
    this.again(error);
  }

  private again(error: unknown): void {
    this.close();
    if (this.stopped || !this.membership.current) return;
    this.attempts += 1;
    // Never longer than a heartbeat: a manager that is back is to hear of the node before it counts as down.
    const wait = backoff(this.attempts, 100, Math.min(this.heartbeatMs, LONGEST_PAUSE)) * (0.5 + Math.random() / 2);
    if (this.attempts <= 3 && !this.messages.isLeaving)
      this.log.warn(`the session with the manager is over (${messageOf(error)}); it is opened again`);
    this.retry = setTimeout(() => void this.open(), wait);
  }

  private take(stream: SessionStream, message: ToNode): void {
    this.taking = this.taking
      .then(() => (this.stream === stream ? this.handle(stream, message) : undefined))
      .catch((error: unknown) => {
        this.log.error(`what the manager assigned could not be taken: ${messageOf(error)}`);
        this.lost(stream, error as Error);
      });
  }

  private async handle(stream: SessionStream, message: ToNode): Promise<void> {
    const { welcome, trust } = message;
    if (welcome) {
      this.attempts = 0;
      clearTimeout(this.unanswered);
      clearTimeout(this.heartbeat);
      this.heartbeatMs = welcome.heartbeatMs;
      this.beat(stream, welcome.heartbeatMs);
    }
    if (trust) {
      this.renewal.follow(trust.roots, trust.withinMs);
      void this.describeAgain();
    }
    await this.messages.heard(message);
  }

  /** Every heartbeat is a tenth earlier or later, so that nodes do not come in step. */
  private beat(stream: SessionStream, period: number): void {
    this.heartbeat = setTimeout(
      () => {
        if (this.stream !== stream) return;
        stream.write({ heartbeat: {} });
        this.beat(stream, period);
      },
      period * (0.9 + 0.2 * Math.random()),
    );
  }
}
