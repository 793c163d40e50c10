import { Inject, Injectable } from '@nestjs/common';
import { SkepError } from '#lib/common';
import { LABELS, sandboxDigest, type Network } from '#lib/domain';
import { driverFor } from '#lib/drivers';
import type { Engine } from '#lib/engine';
import type { Host } from '#lib/host';
import type { Action } from '#lib/planner';
import type { Store } from '#lib/store';
import { Firewall } from '../data-plane/firewall.js';
import { NodeContext } from '../data-plane/node-context.js';
import { NodeTunnel } from '../data-plane/node-tunnel.js';
import { ResolverTables } from '../data-plane/resolver-tables.js';
import { TranslationTables } from '../data-plane/translation-tables.js';
import { DiscoveryFeed } from '../discovery/discovery-feed.js';
import { ENGINE, HOST, NODE, STORE, type Node } from '../node/tokens.js';
import { Sandbox } from '../sandbox/sandbox.js';
import { World } from '../world/world.js';
import { ContainerActions } from './container-actions.js';
import type { Outside } from './executor.js';

/** The one map from planned actions to effects. */
@Injectable()
export class Actions {
  constructor(
    @Inject(NODE) private readonly node: Node,
    @Inject(STORE) private readonly store: Store,
    @Inject(HOST) private readonly host: Host,
    @Inject(ENGINE) private readonly engine: Engine,
    private readonly context: NodeContext,
    private readonly sandbox: Sandbox,
    private readonly containers: ContainerActions,
    private readonly discovery: DiscoveryFeed,
    private readonly firewall: Firewall,
    private readonly tables: TranslationTables,
    private readonly resolverTables: ResolverTables,
    private readonly world: World,
    private readonly tunnel: NodeTunnel,
  ) {}

  async perform(action: Action, outside: Outside): Promise<void> {
    switch (action.kind) {
      case 'tunnel.ensure':
        await this.tunnel.ensure(action.tunnel);
        return this.world.noteTunnel(action.tunnel);
      case 'network.ensure':
        await driverFor(action.network.driver).ensureNetwork(action.network, this.context);
        await this.nameLink(action.network);
        return this.world.noteNetwork(action.network);
      case 'network.remove':
        this.world.forgetNetwork(action.network.id);
        await driverFor(action.network.driver).removeNetwork(action.network, this.context);
        return this.forgetRow('network', action.network.id);
      case 'rules.apply':
        return this.firewall.apply(this.world);
      case 'volume.create':
        await this.engine.createVolume({
          ...action.volume,
          labels: { ...action.volume.labels, [LABELS.node]: this.node.id },
        });
        return this.world.noteVolume(action.volume.name, true);
      case 'volume.remove':
        await this.engine.removeVolume(action.volume.name);
        this.world.noteVolume(action.volume.name, false);
        return this.forgetRow('volume', action.volume.name);
      case 'sandbox.ensure':
        await this.sandbox.ensure(action.container);
        await this.containers.haveLeft(action.container);
        return this.world.noteSandbox(action.container.id, sandboxDigest(action.container));
      case 'sandbox.remove':
        await this.discovery.detach(action.container.id);
        this.world.noteSandbox(action.container.id, undefined);
        this.tables.forget(action.container.id);
        this.resolverTables.forget(action.container.id);
        return this.sandbox.remove(action.container);
      case 'dns.attach':
        this.resolverTables.ensure(action.container);
        return this.discovery.attach(action.container.id);
      case 'translations.apply':
        return this.tables.apply(action.container, action.translations);
      case 'container.create':
        return this.containers.create(action.container, outside);
      case 'container.rename':
        return this.containers.rename(action.container);
      case 'container.start':
        return this.containers.start(action.container);
      case 'container.stop':
        return this.containers.stop(action.container);
      case 'container.remove':
        return this.containers.remove(action.container);
      case 'container.forget':
        return this.containers.forget(action.container);
      case 'container.discard':
        return this.containers.discard(action.observed);
      case 'link.discard':
        return this.host.ip([['link', 'del', action.link]]);
      case 'netns.discard':
        return this.host.removeNetns(action.netns);
    }
  }

  /** Unless it was asked for again while it was being removed: then it is made anew. */
  private async forgetRow(kind: 'network' | 'volume', id: string): Promise<void> {
    await this.store.transact((view) => ({
      changes: view.get(kind, id)?.value.target === 'removed' ? [{ op: 'delete', kind, id }] : [],
      result: undefined,
    }));
  }

  /** The link has its alternative name already where it was not made anew. */
  private async nameLink({ linkName, altName }: Network): Promise<void> {
    if (altName === undefined || !this.context.host.links().some((link) => link.name === linkName)) return;
    const line = ['link', 'property', 'add', 'dev', linkName, 'altname', altName];
    await this.context.host.ip([line]).catch((error: unknown) => {
      if (!SkepError.is(error, 'conflict')) throw error;
    });
  }
}
