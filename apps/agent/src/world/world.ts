import { Inject, Injectable } from '@nestjs/common';
import { digestOf } from '#lib/common';
import {
  endpointKey,
  isVirtual,
  LABELS,
  type Network,
  type Observed,
  type ObservedContainer,
  type Tunnel,
} from '#lib/domain';
import { driverFor, entriesReady, kernelView, tunnelOf, tunnelReady } from '#lib/drivers';
import type { Engine } from '#lib/engine';
import type { Host } from '#lib/host';
import type { Store } from '#lib/store';
import { Firewall } from '../data-plane/firewall.js';
import { NodeContext } from '../data-plane/node-context.js';
import { ResolverTables } from '../data-plane/resolver-tables.js';
import { TranslationTables } from '../data-plane/translation-tables.js';
import { ENGINE, HOST, NODE, STORE, type Node } from '../node/tokens.js';
import { endpointsOf } from '../sandbox/endpoints.js';

/**
 * What is, as far as this agent knows: kernel links and namespaces are read afresh at every comparison, the engine's
 * containers are kept here because each look costs a request. Whoever changes a container notes it here.
 */
@Injectable()
export class World {
  private containers = new Map<string, ObservedContainer>();
  /** names of all that the engine has: one that is there is taken as it is, whoever made it */
  private volumes = new Set<string>();
  private readonly listeners = new Set<(id: string) => void>();
  private readonly sandboxes = new Map<string, string>();
  /** by network id: the place in the cluster that was ensured last */
  private readonly overlays = new Map<string, string>();
  /** the node's tunnel as it was made last */
  private tunnel: Tunnel | undefined;
  /** while the engine is looked at: what is noted meanwhile, ids of containers and `volume NAME` */
  private meanwhile: Set<string> | undefined;
  /** grows with every change of what is known of containers */
  revision = 0;
  /** set by the discovery feed */
  resolving: ReadonlySet<string> | undefined;

  constructor(
    @Inject(NODE) private readonly node: Node,
    @Inject(STORE) private readonly store: Store,
    @Inject(HOST) private readonly host: Host,
    @Inject(ENGINE) private readonly engine: Engine,
    private readonly context: NodeContext,
    private readonly firewall: Firewall,
    private readonly tables: TranslationTables,
    private readonly resolverTables: ResolverTables,
  ) {}

  observe(): Observed {
    const { names } = this.node;
    const view = kernelView(this.context);
    const networks = new Set<string>();
    const endpoints = new Set<string>();
    const inside = new Set<string>();
    const netns = new Set(this.host.listNetns(names.netnsPrefix));
    for (const network of this.store.list('network')) {
      if (isVirtual(network)) continue;
      if (this.overlays.get(network.id) !== placeOf(network)) continue;
      if (driverFor(network.driver).networkReady(network, view)) networks.add(network.id);
    }
    for (const container of this.store.list('container')) {
      const present = netns.has(names.netns(container.id));
      for (const at of endpointsOf(container, this.store)) {
        const driver = driverFor(at.network.driver);
        const key = endpointKey(container.id, at.network.id);
        if (driver.endpointReady(at, view)) endpoints.add(key);
        if (present && driver.insideReady(at, view)) inside.add(key);
      }
    }
    return {
      networks,
      endpoints,
      inside,
      links: [...view.links.keys()].filter((name) => name.startsWith(names.linkPrefix)),
      netns,
      sandboxes: this.sandboxes,
      containers: this.containers,
      volumes: this.volumes,
      tunnel: this.tunnel && tunnelReady(this.tunnel, view) ? digestOf(this.tunnel) : undefined,
      translations: this.tables.observe(netns),
      rulesCurrent: this.firewall.isCurrent(view, this),
      resolving: this.resolving && this.resolverTables.observe(netns, this.resolving),
    };
  }

  /**
   * Looks at the engine's containers of this node, and at its volumes. What is noted meanwhile is newer and stays.
   * @param inFlight ids of containers that a step works on, which notes what comes of it
   */
  async refresh(inFlight: () => readonly string[] = () => []): Promise<void> {
    if (this.meanwhile) return;
    const kept = (this.meanwhile = new Set(inFlight()));
    try {
      const label = `${LABELS.node}=${this.node.id}`;
      const [containers, volumes] = await Promise.all([this.engine.list(label), this.engine.listVolumes()]);
      for (const id of inFlight()) kept.add(id);
      const ids = this.renewContainers(new Map(containers.map((each) => [each.id, each])), kept);
      this.renewVolumes(new Set(volumes), kept);
      for (const id of ids) this.changed(id);
    } finally {
      this.meanwhile = undefined;
    }
  }

  /** Returns the ids of those that were looked at, or are gone. */
  private renewContainers(seen: Map<string, ObservedContainer>, kept: ReadonlySet<string>): string[] {
    const before = this.containers;
    for (const id of kept) {
      const known = before.get(id);
      if (known) seen.set(id, known);
      else seen.delete(id);
    }
    this.containers = seen;
    return [...new Set([...before.keys(), ...seen.keys()])].filter((id) => !kept.has(id));
  }

  private renewVolumes(seen: Set<string>, kept: ReadonlySet<string>): void {
    const noted = (name: string) => kept.has(volumeKey(name));
    this.volumes = new Set([...[...seen].filter((name) => !noted(name)), ...[...this.volumes].filter(noted)]);
  }

  /** Looks at one container. */
  async look(engineId: string): Promise<ObservedContainer> {
    const seen = await this.engine.inspect(engineId);
    this.note(seen);
    return seen;
  }

  note(seen: ObservedContainer): void {
    this.meanwhile?.add(seen.id);
    this.containers.set(seen.id, seen);
    this.changed(seen.id);
  }

  forget(id: string): void {
    this.meanwhile?.add(id);
    this.containers.delete(id);
    this.changed(id);
  }

  /** undefined: the namespace is gone, or on its way */
  noteSandbox(id: string, digest: string | undefined): void {
    if (digest === undefined) this.sandboxes.delete(id);
    else this.sandboxes.set(id, digest);
  }

  /** What it is told of other nodes is in the kernel. */
  noteNetwork(network: Network): void {
    const place = placeOf(network);
    if (place !== undefined) this.overlays.set(network.id, place);
  }

  /**
   * Entries changed by which tunnels lead to other nodes, by our own hand or by somebody else's: networks whose entries
   * are not as they were made are due again.
   * @param tunnels names of links; undefined: any
   * @returns is any?
   */
  forwardingChanged(tunnels: ReadonlySet<string> | undefined): boolean {
    const { size } = this.overlays;
    for (const id of this.overlays.keys()) {
      const network = this.store.get('network', id)?.value;
      if (!network || (tunnels && !tunnels.has(tunnelOf(network, this.node.names)))) continue;
      if (!entriesReady(network, this.context)) this.overlays.delete(id);
    }
    return this.overlays.size < size;
  }

  noteTunnel(tunnel: Tunnel): void {
    this.tunnel = tunnel;
  }

  forgetNetwork(id: string): void {
    this.overlays.delete(id);
  }

  noteVolume(name: string, present: boolean): void {
    this.meanwhile?.add(volumeKey(name));
    if (present) this.volumes.add(name);
    else this.volumes.delete(name);
  }

  container(id: string): ObservedContainer | undefined {
    return this.containers.get(id);
  }

  all(): ReadonlyMap<string, ObservedContainer> {
    return this.containers;
  }

  /** Calls back with our id of a container whenever it was looked at or went away. Returns what ends that. */
  onContainer(listener: (id: string) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  private changed(id: string): void {
    this.revision += 1;
    for (const listener of this.listeners) listener(id);
  }
}

const volumeKey = (name: string) => `volume ${name}`;

/** undefined: the network is of this node alone, and its links say whether it is complete */
function placeOf({ overlay }: Network): string | undefined {
  return overlay && digestOf(overlay);
}
