import { Injectable, Logger } from '@nestjs/common';
import { messageOf } from '#lib/common';
import { renewalTime } from '#lib/pki';
import { SwarmMembership } from './membership.js';

/** A certificate that is to be renewed is looked at that often. Milliseconds. */
const LOOK_EVERY = 60_000;

/** The node's certificate is renewed in the second half of its life, at a moment of its own, so that nodes do not come at once. */
@Injectable()
export class CertificateRenewal {
  private readonly log = new Logger('swarm');
  private readonly random = Math.random();
  private looking: NodeJS.Timeout | undefined;

  constructor(private readonly membership: SwarmMembership) {}

  start(): void {
    this.looking = setInterval(() => void this.renewWhenDue(), LOOK_EVERY);
  }

  stop(): void {
    clearInterval(this.looking);
  }

  private async renewWhenDue(): Promise<void> {
    if (!this.membership.current?.nodeId) return;
    try {
      if (Date.now() < renewalTime(this.membership.credentials().certificate, this.random)) return;
      await this.membership.renew();
      this.log.log('the node has a new certificate');
    } catch (error) {
      this.log.warn(`the node's certificate could not be renewed: ${messageOf(error)}`);
    }
  }
}
