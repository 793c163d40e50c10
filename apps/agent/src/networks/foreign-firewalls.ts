import { Inject, Injectable, Logger } from '@nestjs/common';
import { messageOf } from '#lib/common';
import type { Store } from '#lib/store';
import { STORE } from '../node/tokens.js';
import { ReconcilerBus } from '../reconciler/events.js';
import { shutOff, type Behind } from './shut-off.js';
import { NodeSurroundings } from './surroundings.js';

/** Says where firewalls of other programs keep this node's networks from the outside. It changes nothing of theirs. */
@Injectable()
export class ForeignFirewalls {
  private readonly log = new Logger('networks');
  private told = false;
  private soon: NodeJS.Immediate | undefined;

  constructor(
    @Inject(STORE) private readonly store: Store,
    private readonly surroundings: NodeSurroundings,
    bus: ReconcilerBus,
  ) {
    bus.subscribe({ done: (step) => step.kind === 'network.ensure' && this.tellSoon() });
  }

  /** The log is told once, of the networks that are there already or of the first one that comes. */
  start(): void {
    this.tellSoon();
  }

  /** How it is at this moment. */
  warnings(networks: readonly Behind[] = this.store.list('network')): string[] {
    const warning = shutOff(networks, this.surroundings.look([]));
    return warning === undefined ? [] : [warning];
  }

  /** Once for all networks that are made together, and apart from their making, which does not fail with it. */
  private tellSoon(): void {
    if (this.told || this.soon) return;
    this.soon = setImmediate(() => {
      this.soon = undefined;
      try {
        this.tell();
      } catch (error) {
        this.log.warn(`whether other firewalls stand in the way could not be found out: ${messageOf(error)}`);
      }
    });
  }

  private tell(): void {
    for (const warning of this.warnings()) {
      this.told = true;
      this.log.warn(warning);
    }
  }
}
