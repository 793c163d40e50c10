import { Injectable } from '@nestjs/common';
import type { Container, Network, ObservedMount } from '#lib/domain';
import { dockerDriver } from '#lib/domain';

export type EventType =
  'container' | 'network' | 'image' | 'volume' | 'daemon' | 'service' | 'node' | 'secret' | 'config';
/** What happened on this node, or, on a manager's, to an object of the swarm. */
export type EventScope = 'local' | 'swarm';

/** Something that happened, in Docker's vocabulary. */
export interface NodeEvent {
  type: EventType;
  /** e.g. `create`, `die`, `exec_create: ls` */
  action: string;
  actor: Actor;
  scope: EventScope;
  /** nanoseconds since the epoch; no two events have the same */
  nano: bigint;
}

/** Whom it happened to: an id (of volumes and images their name), and what else is told of it. */
export interface Actor {
  id: string;
  attributes: Record<string, string>;
}

/** How many events are kept for those who ask later. */
const KEPT = 1024;
const MS = 1_000_000n;

/** What has happened, in order: the latest in memory, and each handed to whoever follows. Nothing is kept over a restart. */
@Injectable()
export class EventLog {
  private readonly kept: NodeEvent[] = [];
  private readonly followers = new Set<(event: NodeEvent) => void>();
  private last = 0n;
  private offset = 0n;

  record(type: EventType, action: string, actor: Actor, scope: EventScope = 'local'): void {
    const event = { type, action, actor, scope, nano: this.tick() };
    this.kept.push(event);
    if (this.kept.length > KEPT) this.kept.shift();
    for (const follower of this.followers) follower(event);
  }

  /** @param extra what this action tells beside image, name and labels, e.g. `{ exitCode: '0' }` */
  container(container: Container, action: string, extra: Record<string, string> = {}): void {
    const { id, name, spec } = container;
    this.record('container', action, { id, attributes: { ...spec.Labels, image: spec.Image, name, ...extra } });
  }

  network(network: Network, action: string, extra: Record<string, string> = {}): void {
    const { id, name } = network;
    this.record('network', action, { id, attributes: { ...extra, name, type: dockerDriver(network) } });
  }

  mounted({ name, destination, driver, propagation, readWrite }: ObservedMount, { id: container }: Container): void {
    const attributes = { container, destination, driver, propagation, 'read/write': String(readWrite) };
    this.record('volume', 'mount', { id: name, attributes });
  }

  unmounted({ name, driver }: ObservedMount, { id: container }: Container): void {
    this.record('volume', 'unmount', { id: name, attributes: { container, driver } });
  }

  /** @param bytes that are free now */
  pruned(type: EventType, bytes: number): void {
    this.record(type, 'prune', { id: '', attributes: { reclaimed: String(bytes) } });
  }

  /** Those that are kept, from one moment to another, both included. Nanoseconds since the epoch; undefined: without end. */
  between(since: bigint | undefined, until: bigint | undefined): NodeEvent[] {
    return this.kept.filter(
      ({ nano }) => (since === undefined || nano >= since) && (until === undefined || nano <= until),
    );
  }

  /** Calls back with each event from now on. Returns a function that stops. */
  follow(follower: (event: NodeEvent) => void): () => void {
    const entry = (event: NodeEvent) => follower(event);
    this.followers.add(entry);
    return () => this.followers.delete(entry);
  }

  /** How many follow at this moment. */
  get listeners(): number {
    return this.followers.size;
  }

  /** The wall clock, finer than a millisecond by the monotonic one, and always later than before. */
  private tick(): bigint {
    const wall = BigInt(Date.now()) * MS;
    const monotonic = process.hrtime.bigint();
    const ahead = monotonic + this.offset - wall;
    if (ahead < 0n || ahead >= MS) this.offset = wall - monotonic;
    const now = monotonic + this.offset;
    this.last = now > this.last ? now : this.last + 1n;
    return this.last;
  }
}
