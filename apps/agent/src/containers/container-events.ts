import { Inject, Injectable } from '@nestjs/common';
import {
  graceSeconds,
  isToEnd,
  type Container,
  type ContainerStatus,
  type HealthStatus,
  type Network,
  type ObservedContainer,
} from '#lib/domain';
import type { Step } from '#lib/planner';
import type { Change, Store } from '#lib/store';
import { EventLog } from '../events/event-log.js';
import { STORE } from '../node/tokens.js';
import { ReconcilerBus } from '../reconciler/events.js';
import { World } from '../world/world.js';
import { signalNumber } from './signals.js';

/** The exit code of what was killed: 128 + SIGKILL. */
const KILLED = 137;

/** One run of a container, from start to end. */
interface Run {
  startedAt: string;
  /** those that it was told to be connected to */
  networks: Map<string, Network>;
  paused: boolean;
  ended: boolean;
  /** it was told to end by a signal, and when, in milliseconds since the epoch, it is killed if it has not */
  killAt?: number;
}

/**
 * Tells of containers, whoever wanted what happened: from the commits, the reconciler's steps and the looks at the
 * engine. A run is known by the moment of its start, so one that is over before anybody looked is told of as well.
 */
@Injectable()
export class ContainerEvents {
  private readonly known = new Map<string, Container>();
  private readonly health = new Map<string, HealthStatus>();
  private readonly runs = new Map<string, Run>();

  constructor(
    @Inject(STORE) private readonly store: Store,
    private readonly world: World,
    private readonly bus: ReconcilerBus,
    private readonly log: EventLog,
  ) {}

  /** What is there already is not told of. Called when the world has been looked at for the first time. */
  start(): void {
    for (const container of this.store.list('container')) this.known.set(container.id, container);
    for (const { containerId, health } of this.store.list('status')) this.health.set(containerId, health);
    for (const [id, seen] of this.world.all()) {
      const run = { startedAt: seen.startedAt, paused: seen.state === 'paused', ended: !isUp(seen) };
      this.runs.set(id, { ...run, networks: this.networksOf(this.known.get(id)) });
    }
    this.store.feed(({ changes }) => changes.forEach((change) => this.committed(change)));
    this.world.onContainer((id) => this.looked(id));
    this.bus.subscribe({ started: (step) => this.started(step), done: (step) => this.done(step) });
  }

  private committed(change: Change): void {
    if (change.kind === 'container' && change.op === 'put') this.changed(change.value);
    if (change.kind === 'container' && change.op === 'delete') this.forgotten(change.id);
    if (change.kind === 'status' && change.op === 'put') this.probed(change.value);
  }

  private changed(container: Container): void {
    const before = this.known.get(container.id);
    if (!before) return;
    this.known.set(container.id, container);
    const run = this.runs.get(container.id);
    // A wish of meanwhile may leave it less time.
    if (run?.killAt !== undefined && isToEnd(container)) run.killAt = Math.min(run.killAt, killedAt(container));
    if (before.name !== container.name) this.log.container(container, 'rename', { oldName: `/${before.name}` });
  }

  private forgotten(id: string): void {
    const container = this.known.get(id);
    this.known.delete(id);
    this.health.delete(id);
    this.runs.delete(id);
    if (container) this.log.container(container, 'destroy');
  }

  private probed({ containerId, health }: ContainerStatus): void {
    const container = this.known.get(containerId);
    const before = this.health.get(containerId);
    this.health.set(containerId, health);
    if (!container || before === health || (health !== 'healthy' && health !== 'unhealthy')) return;
    this.log.container(container, `health_status: ${health}`);
  }

  private looked(id: string): void {
    const container = this.known.get(id);
    const seen = this.world.container(id);
    if (!container || !seen || seen.startedAt === '' || !(isUp(seen) || seen.state === 'exited')) return;
    let run = this.runs.get(id);
    if (run?.startedAt !== seen.startedAt) {
      run = { startedAt: seen.startedAt, networks: new Map(), paused: false, ended: false };
      this.runs.set(id, run);
      this.join(container, run);
      for (const mount of volumesOf(seen)) this.log.mounted(mount, container);
      this.log.container(container, 'start');
    }
    const paused = seen.state === 'paused';
    if (isUp(seen) && paused !== run.paused) {
      run.paused = paused;
      this.log.container(container, paused ? 'pause' : 'unpause');
    }
    if (seen.state === 'exited' && !run.ended) this.died(container, run, seen);
  }

  private died(container: Container, run: Run, seen: ObservedContainer): void {
    run.ended = true;
    const finishedAt = Date.parse(seen.finishedAt);
    if (run.killAt !== undefined && finishedAt >= run.killAt && seen.exitCode === KILLED) {
      this.log.container(container, 'kill', { signal: String(signalNumber('SIGKILL')) });
    }
    const lasted = Math.max(0, finishedAt - Date.parse(seen.startedAt)) || 0;
    this.log.container(container, 'die', {
      execDuration: String(Math.floor(lasted / 1000)),
      exitCode: String(seen.exitCode),
    });
    for (const network of run.networks.values()) this.log.network(network, 'disconnect', { container: container.id });
    run.networks.clear();
    for (const mount of volumesOf(seen)) this.log.unmounted(mount, container);
  }

  private started(step: Step): void {
    if (step.kind !== 'container.stop') return;
    const { container } = step;
    const atOnce = container.target === 'removed' && container.stopWithinSeconds === 0;
    const { stopSignal, spec } = container;
    const signal = atOnce ? 'SIGKILL' : stopSignal !== undefined ? String(stopSignal) : spec.StopSignal || 'SIGTERM';
    this.log.container(container, 'kill', { signal: String(signalNumber(signal) ?? signal) });
    const run = this.runs.get(container.id);
    if (run && signalNumber(signal) !== signalNumber('SIGKILL')) run.killAt = killedAt(container);
  }

  private done(step: Step): void {
    if (step.kind === 'container.create' && !this.known.has(step.container.id)) {
      this.known.set(step.container.id, step.container);
      this.log.container(step.container, 'create');
    }
    if (step.kind === 'container.stop' && step.container.target !== 'removed')
      this.log.container(step.container, 'stop');
    if (step.kind === 'sandbox.ensure') this.completed(step.container);
  }

  /** The namespace of a running container is as it is wanted: maybe it joined or left networks. */
  private completed(container: Container): void {
    const run = this.runs.get(container.id);
    if (!run || run.ended) return;
    for (const [id, network] of run.networks) {
      if (container.endpoints.some((at) => at.networkId === id)) continue;
      run.networks.delete(id);
      this.log.network(network, 'disconnect', { container: container.id });
    }
    this.join(container, run);
  }

  private join(container: Container, run: Run): void {
    for (const [id, network] of this.networksOf(container)) {
      if (run.networks.has(id)) continue;
      run.networks.set(id, network);
      this.log.network(network, 'connect', { container: container.id });
    }
  }

  private networksOf(container: Container | undefined): Map<string, Network> {
    const networks = container?.endpoints.map((at) => this.store.get('network', at.networkId)?.value) ?? [];
    return new Map(networks.flatMap((network) => (network ? [[network.id, network]] : [])));
  }
}

/** Milliseconds since the epoch, of a stop that is asked for now. */
const killedAt = (container: Container) => Date.now() + graceSeconds(container) * 1000;
const volumesOf = ({ mounts }: ObservedContainer) => mounts.filter(({ type }) => type === 'volume');
const isUp = ({ state }: ObservedContainer) => state === 'running' || state === 'paused';
