import { Injectable, Logger } from '@nestjs/common';
import { messageOf } from '#lib/common';
import { renewalTime, rootOf } from '#lib/pki';
import { SwarmMembership } from './membership.js';

/** A certificate that is to be renewed is looked at that often. Milliseconds. */
const LOOK_EVERY = 60_000;
/** While the cluster waits for it. Milliseconds. */
const RETRY = 2_000;

/**
 * The node's certificate is renewed in the second half of its life, at a moment of its own, so that nodes do not come at
 * once; and at once when the cluster changes its root.
 */
@Injectable()
export class CertificateRenewal {
  private readonly log = new Logger('swarm');
  private readonly random = Math.random();
  private looking: NodeJS.Timeout | undefined;
  private renewing = false;
  private stopped = false;
  /** whose certificate the node is to have, PEM; undefined: the manager has not said so yet */
  private wantedRoot: string | undefined;

  constructor(private readonly membership: SwarmMembership) {}

  start(): void {
    this.membership.onChange(() => {
      if (!this.membership.current) this.wantedRoot = undefined;
    });
    this.look();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.looking);
  }

  /** The manager's word on which roots are to be trusted: the last one signs. */
  follow(roots: readonly string[]): void {
    this.membership.trust(roots);
    this.wantedRoot = roots.at(-1);
    this.look();
  }

  private look(): void {
    clearTimeout(this.looking);
    void this.renewWhenDue().then((done) => {
      clearTimeout(this.looking);
      if (!this.stopped) this.looking = setTimeout(() => this.look(), done ? LOOK_EVERY : RETRY);
    });
  }

  /** False: it is due and was not possible. */
  private async renewWhenDue(): Promise<boolean> {
    if (!this.membership.current?.nodeId || this.renewing) return true;
    this.renewing = true;
    try {
      if (!this.due()) return true;
      await this.membership.renew();
      this.log.log('the node has a new certificate');
      return true;
    } catch (error) {
      this.log.warn(`the node's certificate could not be renewed: ${messageOf(error)}`);
      return false;
    } finally {
      this.renewing = false;
    }
  }

  private due(): boolean {
    const { certificate } = this.membership.credentials();
    if (this.wantedRoot !== undefined && rootOf(certificate, [this.wantedRoot]) === undefined) return true;
    return Date.now() >= renewalTime(certificate, this.random);
  }
}
