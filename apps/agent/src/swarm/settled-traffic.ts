import { Injectable } from '@nestjs/common';
import type { Action } from '#lib/planner';
import { DiscoveryFeed } from '../discovery/discovery-feed.js';
import { Reconciler } from '../reconciler/reconciler.js';
import { follow } from '../reconciler/watch.js';

/** Milliseconds. */
const PATIENCE = 3_000;

/** What leads requests to a service: beside names, rules in the containers' namespaces and in the node's. */
const leads = ({ kind }: Action) => kind === 'translations.apply' || kind === 'rules.apply';

/** Tells when this node sends new requests only where the state of the moment says. */
@Injectable()
export class SettledTraffic {
  constructor(
    private readonly discovery: DiscoveryFeed,
    private readonly reconciler: Reconciler,
  ) {}

  /** Fails when it cannot be said: the resolver is away, or a rule could not be written. */
  async reached(): Promise<void> {
    await Promise.all([
      this.discovery.flush(),
      follow(this.reconciler, { concerns: leads, timeoutMs: PATIENCE }, () => Promise.resolve()),
    ]);
  }
}
