import { Inject, Injectable } from '@nestjs/common';
import type { ObservedContainer, ServiceBackends, Translation } from '#lib/domain';
import type { Store } from '#lib/store';
import { STORE } from '../node/tokens.js';
import { backendsOf } from './backends.js';
import { translationsFor } from './virtual-addresses.js';

/** What is known of the engine's containers, by our id: the World has it. */
export interface Seen {
  all(): ReadonlyMap<string, ObservedContainer>;
  /** grows with every change of it */
  readonly revision: number;
}

/** Who answers for the services of the cluster, as this node knows it now; worked out again only after a change. */
@Injectable()
export class ServiceTraffic {
  private from: readonly unknown[] = [];
  private known: readonly ServiceBackends[] = [];
  private translated: ReadonlyMap<string, readonly Translation[]> = new Map();

  constructor(@Inject(STORE) private readonly store: Pick<Store, 'get' | 'list'>) {}

  backends(seen: Seen): readonly ServiceBackends[] {
    this.refresh(seen);
    return this.known;
  }

  /** By container id: what its network namespace is to translate. */
  translations(seen: Seen): ReadonlyMap<string, readonly Translation[]> {
    this.refresh(seen);
    return this.translated;
  }

  private refresh(seen: Seen): void {
    const { store } = this;
    const from = [store.list('assignment'), store.list('container'), store.list('status'), seen.revision];
    if (from.every((each, index) => each === this.from[index])) return;
    this.from = from;
    this.known = backendsOf(store, seen.all());
    this.translated = translationsFor(store.list('container'), this.known);
  }
}
