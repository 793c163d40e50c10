import { Inject, Injectable, Logger } from '@nestjs/common';
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

  constructor(
    @Inject(STORE) private readonly store: Store,
    private readonly surroundings: NodeSurroundings,
    bus: ReconcilerBus,
  ) {
    bus.subscribe({ done: (step) => step.kind === 'network.ensure' && this.tell([step.network]) });
  }

  /** The log is told once, of the networks that are there already or of the first one that comes. */
  start(): void {
    this.tell(this.store.list('network'));
  }

  /** How it is at this moment. */
  warnings(networks: readonly Behind[] = this.store.list('network')): string[] {
    const warning = shutOff(networks, this.surroundings.look([]));
    return warning === undefined ? [] : [warning];
  }

  private tell(networks: readonly Behind[]): void {
    if (this.told) return;
    for (const warning of this.warnings(networks)) {
      this.told = true;
      this.log.warn(warning);
    }
  }
}
