import { Inject, Injectable, Logger } from '@nestjs/common';
import { messageOf, Pace, unavailable } from '#lib/common';
import type { Changes, ResolverClient } from '#lib/contracts';
import type { ObservedLink } from '#lib/domain';
import type { Host } from '#lib/host';
import type { Store } from '#lib/store';
import { resolverDefaults } from '../node/resolver-defaults.js';
import { HOST, NODE, RESOLVER, STORE, type Node } from '../node/tokens.js';
import { World } from '../world/world.js';
import { discoveryState } from './zones.js';

/** How often the resolver is asked what it serves: a restarted one may know less than it was told. Milliseconds. */
const ASK_EVERY = 1000;

/**
 * Keeps the resolver's knowledge equal to the node's state. One exchange is under way at a time; whatever changes
 * meanwhile goes with the next. What was acknowledged is remembered, so that only differences are sent.
 */
@Injectable()
export class DiscoveryFeed {
  private readonly log = new Logger('discovery');
  private readonly attached = new Set<string>();
  private readonly pace = new Pace();
  private sent: Map<string, string> | undefined;
  private failures = new Map<string, string>();
  /** of all conversations with the resolver, the one that begins last */
  private last: Promise<void> = Promise.resolve();
  /** the exchange that has not begun */
  private next: Promise<void> | undefined;
  private asking = false;
  private rounds: NodeJS.Timeout | undefined;
  private unsubscribe: () => void = () => undefined;
  /** of the uplinks, as they were at the last change of links */
  private addresses = '';
  private changed: () => void = () => undefined;

  constructor(
    @Inject(NODE) private readonly node: Node,
    @Inject(STORE) private readonly store: Store,
    @Inject(HOST) private readonly host: Host,
    @Inject(RESOLVER) private readonly resolver: ResolverClient,
    private readonly world: World,
  ) {}

  /** @param changed called when the set of namespaces that the resolver serves has changed */
  start(changed: () => void): void {
    this.changed = changed;
    const netns = new Set(this.host.listNetns(this.node.names.netnsPrefix));
    for (const container of this.store.list('container')) {
      if (netns.has(this.node.names.netns(container.id))) this.attached.add(container.id);
    }
    this.store.feed(() => this.soon());
    this.world.onContainer(() => this.soon());
    this.unsubscribe = this.host.onLinkChange(() => this.linksChanged());
    this.rounds = setInterval(() => this.ask(), ASK_EVERY);
    this.soon();
  }

  stop(): void {
    clearInterval(this.rounds);
    this.unsubscribe();
    this.resolver.close();
  }

  /** Resolves when the resolver listens in the container's namespace and knows its names. */
  async attach(id: string): Promise<void> {
    this.attached.add(id);
    await this.flush();
    const failure = this.failures.get(id);
    if (failure) throw unavailable(`the resolver cannot listen for container ${id.slice(0, 12)}: ${failure}`);
  }

  /** Resolves when the resolver has let go of the namespace, or is away and so holds nothing. */
  async detach(id: string): Promise<void> {
    this.attached.delete(id);
    await this.flush().catch(() => undefined);
  }

  /** Resolves when the resolver answers by the state of this moment; `unavailable` when it can't be reached. */
  flush(): Promise<void> {
    this.next ??= this.inTurn(
      () =>
        new Promise<void>((resolve) =>
          this.pace.next(() => {
            // What is asked for until then goes along.
            this.next = undefined;
            resolve(this.exchange());
          }),
        ),
    );
    return this.next;
  }

  /** One conversation with the resolver at a time: none sees half of what another one changes. */
  private inTurn(talk: () => Promise<void>): Promise<void> {
    this.last = this.last.catch(() => undefined).then(talk);
    return this.last;
  }

  private soon(): void {
    this.flush().catch((error: unknown) => this.log.debug(messageOf(error)));
  }

  /** Most links that change are those of containers, and say nothing of the node's address. */
  private linksChanged(): void {
    const addresses = JSON.stringify([...this.uplinks().values()].map((link) => [link.name, link.addresses]));
    if (addresses === this.addresses) return;
    this.addresses = addresses;
    this.soon();
  }

  /** By name: the links that networks are bound to. */
  private uplinks(): Map<string, ObservedLink> {
    const names = new Set(this.store.list('network').flatMap(({ uplink }) => uplink ?? []));
    const links = names.size > 0 ? this.host.links().filter(({ name }) => names.has(name)) : [];
    return new Map(links.map((link) => [link.name, link]));
  }

  private async exchange(): Promise<void> {
    const { sandboxes, zones } = discoveryState(
      this.store,
      this.world.all(),
      this.attached,
      this.node.names,
      resolverDefaults(this.node.config),
      this.uplinks(),
    );
    // The same object is written with its fields in the same order each time.
    const wanted = new Map<string, string>();
    for (const each of sandboxes) wanted.set(`sandbox ${each.id}`, JSON.stringify(each));
    for (const each of zones) wanted.set(`zone ${each.networkId}`, JSON.stringify(each));
    const { sent } = this;
    const fresh = (key: string) => sent?.get(key) !== wanted.get(key);
    const gone = (kind: string) =>
      [...(sent?.keys() ?? [])]
        .filter((key) => key.startsWith(`${kind} `) && !wanted.has(key))
        .map((key) => key.slice(kind.length + 1));
    const changes: Changes = {
      full: sent === undefined,
      sandboxes: sandboxes.filter((each) => fresh(`sandbox ${each.id}`)),
      removedSandboxes: gone('sandbox'),
      zones: zones.filter((each) => fresh(`zone ${each.networkId}`)),
      removedZones: gone('zone'),
    };
    if (!changes.full && Object.values(changes).every((part) => !Array.isArray(part) || part.length === 0)) return;
    await this.send(changes, wanted);
  }

  private async send(changes: Changes, wanted: Map<string, string>): Promise<void> {
    try {
      const { errors } = await this.resolver.apply(changes);
      this.failures = new Map(errors.map((error) => [error.id, error.message]));
      for (const { id } of errors) wanted.delete(`sandbox ${id}`);
      this.sent = wanted;
    } catch (error) {
      this.sent = undefined;
      this.serves(undefined);
      throw unavailable(`the resolver does not answer: ${messageOf(error)}`, error);
    }
    this.serves(new Set([...this.attached].filter((id) => !this.failures.has(id))));
  }

  private ask(): void {
    if (this.asking) return;
    this.asking = true;
    void this.inTurn(() => this.compare()).finally(() => (this.asking = false));
  }

  /** What the resolver does not serve any more is said again, and everything else with it. Never fails. */
  private async compare(): Promise<void> {
    try {
      const { sandboxes } = await this.resolver.getState();
      const served = new Set(sandboxes);
      const expected = [...(this.sent?.keys() ?? [])].filter((key) => key.startsWith('sandbox '));
      if (this.sent && expected.every((key) => served.has(key.slice('sandbox '.length)))) return;
    } catch {
      this.serves(undefined);
    }
    this.sent = undefined;
    this.soon();
  }

  private serves(served: ReadonlySet<string> | undefined): void {
    const before = this.world.resolving;
    this.world.resolving = served;
    const same = before && served && before.size === served.size && [...served].every((id) => before.has(id));
    if (!same && before !== served) this.changed();
  }
}
