import { Injectable, Logger } from '@nestjs/common';
import { messageOf } from '#lib/common';
import { renewalTime, rootOf } from '#lib/pki';
import { SwarmMembership } from './membership.js';

/** The clock may be set, and the certificate be replaced: it is looked at that often, if nothing is due before. Milliseconds. */
const LOOK_EVERY = 60_000;
/** While the cluster waits for it. Milliseconds. */
const RETRY = 2_000;

/**
 * The node's certificate is renewed in the second half of its life, at a moment of its own, so that nodes do not come at
 * once; and soon when the cluster changes its root.
 */
@Injectable()
export class CertificateRenewal {
  private readonly log = new Logger('swarm');
  private readonly random = Math.random();
  private looking: NodeJS.Timeout | undefined;
  private renewing = false;
  private stopped = false;
  /** nothing is due before, whatever the clock says: one that is far ahead finds each new certificate due at once. Of `performance` */
  private restUntil = 0;
  /** whose certificate the node is to have, PEM, and from when on, of `performance`; undefined: the manager has not said so yet */
  private wanted: { root: string; from: number } | undefined;

  constructor(private readonly membership: SwarmMembership) {}

  start(): void {
    this.membership.onChange(() => {
      if (!this.membership.current) this.wanted = undefined;
    });
    this.look();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.looking);
  }

  /**
   * The manager's word on which roots are to be trusted: the last one signs.
   * @param withinMs another root's certificate is asked for at some moment within that time
   */
  follow(roots: readonly string[], withinMs: number): void {
    this.membership.trust(roots);
    const root = roots.at(-1);
    if (root !== undefined && root !== this.wanted?.root) {
      this.wanted = { root, from: performance.now() + this.random * withinMs };
      this.restUntil = Math.min(this.restUntil, performance.now() + RETRY);
    }
    this.look();
  }

  private look(): void {
    // The one that is under way looks again when it is done.
    if (this.renewing || this.stopped) return;
    clearTimeout(this.looking);
    const wait = Math.max(this.dueIn(), this.restUntil - performance.now());
    if (wait > 0) this.looking = setTimeout(() => this.look(), Math.min(wait, LOOK_EVERY));
    else void this.renew();
  }

  private async renew(): Promise<void> {
    this.renewing = true;
    let rest = RETRY;
    try {
      await this.membership.renew();
      this.log.log('the node has a new certificate');
      if (this.isOfWanted(this.membership.credentials().certificate)) rest = LOOK_EVERY;
    } catch (error) {
      this.log.warn(`the node's certificate could not be renewed: ${messageOf(error)}`);
    }
    this.renewing = false;
    this.restUntil = performance.now() + rest;
    this.look();
  }

  /** Milliseconds. */
  private dueIn(): number {
    if (!this.membership.current?.nodeId) return Infinity;
    const { certificate } = this.membership.credentials();
    const byAge = renewalTime(certificate, this.random) - Date.now();
    return this.isOfWanted(certificate) ? byAge : Math.min(byAge, this.wanted!.from - performance.now());
  }

  private isOfWanted(certificate: string): boolean {
    return !this.wanted || rootOf(certificate, [this.wanted.root]) !== undefined;
  }
}
