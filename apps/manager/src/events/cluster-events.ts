import { Inject, Injectable } from '@nestjs/common';
import type { ClusterEvent } from '#lib/contracts';
import type { ClusterKind, ClusterKinds, ClusterStore } from '#lib/store';
import { STORE } from '../cluster/tokens.js';
import { eventOf, type ToldKind } from './event-of.js';

const TOLD: readonly ToldKind[] = ['service', 'node', 'secret', 'config', 'network'];
const isTold = (kind: ClusterKind): kind is ToldKind => (TOLD as readonly ClusterKind[]).includes(kind);

/** What happens to the objects of the cluster, in the order of its commits. */
@Injectable()
export class ClusterEvents {
  /** the objects as the commits so far left them, by kind and id */
  private readonly known = new Map<string, ClusterKinds[ToldKind]>();
  private readonly followers = new Set<(event: ClusterEvent) => void>();

  constructor(@Inject(STORE) store: ClusterStore) {
    for (const kind of TOLD) for (const object of store.list(kind)) this.known.set(`${kind} ${object.id}`, object);
    store.feed(({ changes }) => {
      for (const change of changes) {
        if (!isTold(change.kind)) continue;
        if (change.op === 'put') this.changed(change.kind, change.value.id, change.value as ClusterKinds[ToldKind]);
        else this.changed(change.kind, change.id, undefined);
      }
    });
  }

  /** Calls back with each event from now on. Returns a function that stops. */
  follow(follower: (event: ClusterEvent) => void): () => void {
    const entry = (event: ClusterEvent) => follower(event);
    this.followers.add(entry);
    return () => this.followers.delete(entry);
  }

  private changed(kind: ToldKind, id: string, after: ClusterKinds[ToldKind] | undefined): void {
    const key = `${kind} ${id}`;
    const event = eventOf(kind, this.known.get(key), after);
    if (after) this.known.set(key, after);
    else this.known.delete(key);
    if (event) for (const follower of this.followers) follower(event);
  }
}
