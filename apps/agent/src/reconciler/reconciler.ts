import { availableParallelism } from 'node:os';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { after, messageOf, Pace, steadyClock } from '#lib/common';
import type { Host } from '#lib/host';
import { plan, type Desired, type Plan, type Step } from '#lib/planner';
import type { Change, Store } from '#lib/store';
import { Firewall } from '../data-plane/firewall.js';
import { ResolverTables } from '../data-plane/resolver-tables.js';
import { ServiceTraffic } from '../data-plane/service-traffic.js';
import { TranslationTables } from '../data-plane/translation-tables.js';
import { HOST, NODE, STORE, type Node } from '../node/tokens.js';
import { World } from '../world/world.js';
import { Actions } from './actions.js';
import { ReconcilerBus } from './events.js';
import { Executor, inEngine } from './executor.js';
import { Gate } from './gate.js';

/** How often the engine and the firewall are looked at even when nothing told of a change. Milliseconds. */
const AUDIT_EVERY = 10_000;

/** Compares, acts, compares again: whenever desired state, the world or the time gives reason to. */
@Injectable()
export class Reconciler {
  private readonly log = new Logger('reconciler');
  private readonly executor: Executor;
  private readonly pace = new Pace();
  private scheduled = false;
  private started = false;
  private stopped = false;
  private callOff: (() => void) | undefined;
  private auditing: NodeJS.Timeout | undefined;
  private unsubscribe: (() => void)[] = [];

  constructor(
    @Inject(NODE) private readonly node: Node,
    @Inject(STORE) private readonly store: Store,
    @Inject(HOST) private readonly host: Host,
    private readonly world: World,
    private readonly firewall: Firewall,
    private readonly tables: TranslationTables,
    private readonly resolverTables: ResolverTables,
    private readonly traffic: ServiceTraffic,
    readonly bus: ReconcilerBus,
    actions: Actions,
  ) {
    this.executor = new Executor(
      (step, outside) => actions.perform(step, outside),
      bus,
      steadyClock,
      () => this.poke(),
      new Gate(2 * availableParallelism()),
    );
  }

  async start(): Promise<void> {
    await this.world.refresh();
    this.started = true;
    this.unsubscribe = [
      this.store.feed(({ changes }) => {
        this.executor.changed(new Set(changes.flatMap(containerOf)));
        this.poke();
      }),
      this.host.onLinkChange(() => this.poke()),
      this.host.onForwardingChange((tunnels) => {
        if (this.world.forwardingChanged(tunnels)) this.poke();
      }),
      this.bus.subscribe({
        failed: (step, error) => this.log.warn(`${step.id}: ${error.message}`),
        done: (step) => this.log.debug(step.id),
      }),
    ];
    this.auditing = setInterval(() => void this.audit(), AUDIT_EVERY);
    this.poke();
  }

  /** Asks for a comparison soon; any number of calls before it make one. */
  poke(): void {
    if (this.scheduled || !this.started || this.stopped) return;
    this.scheduled = true;
    this.pace.next(() => {
      this.scheduled = false;
      this.reconcile();
    });
  }

  /** What would be done if this were the desired state. Nothing is. */
  preview(change: (desired: Desired) => Desired): Plan {
    return plan(change(this.desired()), this.world.observe());
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.callOff?.();
    clearInterval(this.auditing);
    for (const each of this.unsubscribe) each();
    await this.executor.stop();
  }

  private reconcile(): void {
    if (this.stopped) return;
    try {
      const next = plan(this.desired(), this.world.observe());
      const retryAt = this.executor.offer(next);
      this.wakeIn(
        next.wakeAt === undefined ? Infinity : next.wakeAt - Date.now(),
        retryAt === undefined ? Infinity : retryAt - steadyClock.now(),
      );
      this.bus.planned(next, this.executor.busy);
    } catch (error) {
      this.log.error(`the comparison failed: ${messageOf(error)}`, error instanceof Error ? error.stack : undefined);
      this.wakeIn(1000);
    }
  }

  private desired(): Desired {
    return {
      names: this.node.names,
      networks: this.store.list('network'),
      containers: this.store.list('container'),
      volumes: this.store.list('volume'),
      translations: this.traffic.translations(this.world),
      statuses: new Map(this.store.list('status').map((status) => [status.containerId, status])),
      now: Date.now(),
    };
  }

  /** In the least of these times, milliseconds. */
  private wakeIn(...waits: number[]): void {
    this.callOff?.();
    const next = Math.min(...waits);
    if (Number.isFinite(next)) this.callOff = after(Math.ceil(next), () => this.poke());
  }

  private async audit(): Promise<void> {
    const looks = [
      () => this.firewall.audit(),
      () => this.tables.audit(),
      () => this.resolverTables.audit(),
      // A step under way notes its own result, and what is seen of its container before that may be half of it.
      () => this.world.refresh(() => this.executor.busy.flatMap(inEngine)),
    ];
    for (const look of looks) {
      try {
        await look();
      } catch (error) {
        this.log.warn(`looking at the node failed: ${messageOf(error)}`);
      }
    }
    this.poke();
  }

  get busy(): Step[] {
    return this.executor.busy;
  }
}

/** The id of the container that a change is about. */
function containerOf(change: Change): string[] {
  if (change.kind !== 'container' && change.kind !== 'status') return [];
  if (change.op === 'delete') return [change.id];
  return [change.kind === 'status' ? change.value.containerId : change.value.id];
}
