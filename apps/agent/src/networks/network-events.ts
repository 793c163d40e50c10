import { Inject, Injectable } from '@nestjs/common';
import type { Network } from '#lib/domain';
import type { Store } from '#lib/store';
import { EventLog } from '../events/event-log.js';
import { STORE } from '../node/tokens.js';
import { ReconcilerBus } from '../reconciler/events.js';

/** Tells of networks that were made and removed. One that could not be made was never there. */
@Injectable()
export class NetworkEvents {
  private readonly known = new Map<string, Network>();

  constructor(
    @Inject(STORE) private readonly store: Store,
    private readonly bus: ReconcilerBus,
    private readonly log: EventLog,
  ) {}

  start(): void {
    for (const network of this.store.list('network')) this.known.set(network.id, network);
    this.bus.subscribe({
      done: (step) => {
        if (step.kind !== 'network.ensure' || this.known.has(step.network.id)) return;
        this.known.set(step.network.id, step.network);
        this.log.network(step.network, 'create');
      },
    });
    this.store.feed(({ changes }) => {
      for (const change of changes) {
        if (change.kind !== 'network' || change.op !== 'delete') continue;
        const network = this.known.get(change.id);
        this.known.delete(change.id);
        if (network) this.log.network(network, 'destroy');
      }
    });
  }
}
