import { Inject, Injectable } from '@nestjs/common';
import type { ServiceBackends, Translation } from '#lib/domain';
import type { Store } from '#lib/store';
import { STORE } from '../node/tokens.js';
import { World } from '../reconciler/world.js';
import { backendsOf } from './backends.js';
import { translationsFor } from './virtual-addresses.js';

/** Who answers for the services of the cluster, as this node knows it now; worked out again only after a change. */
@Injectable()
export class ServiceTraffic {
  private from: readonly unknown[] = [];
  private known: readonly ServiceBackends[] = [];
  private translated: ReadonlyMap<string, readonly Translation[]> = new Map();

  constructor(
    @Inject(STORE) private readonly store: Store,
    private readonly world: World,
  ) {}

  backends(): readonly ServiceBackends[] {
    this.refresh();
    return this.known;
  }

  /** By container id: what its network namespace is to translate. */
  translations(): ReadonlyMap<string, readonly Translation[]> {
    this.refresh();
    return this.translated;
  }

  private refresh(): void {
    const { store, world } = this;
    const from = [store.list('assignment'), store.list('container'), store.list('status'), world.revision];
    if (from.every((each, index) => each === this.from[index])) return;
    this.from = from;
    this.known = backendsOf(store, world.all());
    this.translated = translationsFor(store.list('container'), this.known);
  }
}
