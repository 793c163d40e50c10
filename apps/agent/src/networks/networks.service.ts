import { Inject, Injectable } from '@nestjs/common';
import { forbidden, notFound, SkepError } from '#lib/common';
import type { NetworkPlanView, NetworkView } from '#lib/contracts';
import { isActive, PREDEFINED_NETWORKS, type Container, type Network, type NetworkRequest } from '#lib/domain';
import type { Store } from '#lib/store';
import { NODE, STORE, type Node } from '../node/tokens.js';
import { Problems } from '../reconciler/problems.js';
import { Reconciler } from '../reconciler/reconciler.js';
import { follow, PATIENCE, type WatchOptions } from '../reconciler/watch.js';
import { contradiction, DEFAULT_NETWORK } from './default-network.js';
import { grantNetwork, type GrantedNetwork } from './grant-network.js';
import { NetworkDirectory } from './network-directory.js';
import { planView } from './plan-view.js';
import { NodeSurroundings } from './surroundings.js';

/** Networks as people make, see and remove them. */
@Injectable()
export class NetworksService {
  constructor(
    @Inject(NODE) private readonly node: Node,
    @Inject(STORE) private readonly store: Store,
    private readonly directory: NetworkDirectory,
    private readonly surroundings: NodeSurroundings,
    private readonly reconciler: Reconciler,
    private readonly problems: Problems,
  ) {}

  list(): NetworkView[] {
    return this.directory.all().map((network) => this.view(network));
  }

  inspect(idOrName: string): NetworkView {
    return this.view(this.directory.find(idOrName));
  }

  /** What `create` would make; fails as it would, and changes nothing. */
  plan(request: NetworkRequest): NetworkPlanView {
    const around = this.surroundings.look(this.store.list('network'));
    const { network, warnings } = grantNetwork(request, around);
    return planView(network, around, warnings);
  }

  /** The network is in the kernel when it resolves; nothing of it is anywhere when it fails. */
  async create(request: NetworkRequest): Promise<GrantedNetwork> {
    let made: Network | undefined;
    try {
      return await follow(
        this.reconciler,
        concerning(() => made?.id),
        () =>
          this.store.transact((view) => {
            const granted = grantNetwork(request, this.surroundings.look(view.list('network')));
            made = granted.network;
            return { changes: [{ op: 'put', kind: 'network', value: made, expect: 0 }], result: granted };
          }),
      );
    } catch (error) {
      if (made) await this.giveUp(made);
      throw error;
    }
  }

  /** Out of the kernel when it resolves. Refused while active containers are attached. */
  async remove(idOrName: string): Promise<void> {
    const { id } = this.directory.find(idOrName);
    await follow(
      this.reconciler,
      concerning(() => id),
      () =>
        this.store.transact((view) => {
          const network = view.get('network', id)?.value;
          if (!network) throw notFound(`network ${idOrName} not found`);
          this.mustBeRemovable(network, view);
          return {
            changes: [{ op: 'put', kind: 'network', value: { ...network, target: 'removed' } }],
            result: undefined,
          };
        }),
    );
  }

  /** Removes those of the networks that nobody needs; predefined ones and those with active endpoints stay. */
  async prune(chosen: (network: Network) => boolean): Promise<string[]> {
    const removed: string[] = [];
    for (const network of this.directory.all().filter(chosen)) {
      try {
        await this.remove(network.id);
        removed.push(network.name);
      } catch (error) {
        if (!SkepError.is(error, 'forbidden') && !SkepError.is(error, 'not_found')) throw error;
      }
    }
    return removed;
  }

  private mustBeRemovable(network: Network, view: Pick<Store, 'get' | 'list'>): void {
    // The default network goes only when the configuration wants another.
    const unwanted = network.name === DEFAULT_NETWORK && contradiction(network, this.node.config) !== undefined;
    if (PREDEFINED_NETWORKS.includes(network.name) && !unwanted) {
      throw forbidden(`${network.name} is a pre-defined network and cannot be removed`);
    }
    if (network.driver === 'overlay') throw forbidden(`network ${network.name} is the swarm's: a manager removes it`);
    const users = view.list('container').filter((each) => uses(each, network, view));
    if (users.length === 0) return;
    const names = users.map((each) => `name:"${each.name}" id:"${each.id.slice(0, 12)}"`);
    throw forbidden(`error while removing network: network ${network.name} has active endpoints (${names.join(', ')})`);
  }

  private async giveUp(made: Network): Promise<void> {
    await follow(
      this.reconciler,
      concerning(() => made.id),
      () =>
        this.store.transact((view) => {
          const network = view.get('network', made.id)?.value;
          const value: Network | undefined = network && { ...network, target: 'removed' };
          return { changes: value ? [{ op: 'put', kind: 'network', value }] : [], result: undefined };
        }),
      // What resists is tried again by the reconciler; the caller is told why the network could not be made.
    ).catch(() => undefined);
  }

  private view(network: Network): NetworkView {
    const { id, name, driver, internal, enableIPv6, linkName, createdAt, labels, options, pools } = network;
    const { uplink, vlan } = network;
    const containers = this.store.list('container').flatMap((container) => {
      const endpoint = container.endpoints.find((at) => at.networkId === id);
      if (!endpoint || container.target === 'removed') return [];
      const { ipv4, ipv6, mac } = endpoint;
      return [{ id: container.id, name: container.name, ipv4, ipv6, mac }];
    });
    const place = { linkName, uplink, vlan };
    const problem = this.problems.ofNetwork(id);
    return { id, name, driver, internal, enableIPv6, ...place, createdAt, labels, options, pools, containers, problem };
  }
}

/** The steps of one network, which may get its id only while it is written down. */
const concerning = (id: () => string | undefined): WatchOptions => ({
  timeoutMs: PATIENCE,
  concerns: (action) => 'network' in action && action.network.id === id(),
});

/** Does a container that runs, or is about to, have an endpoint there? */
function uses(container: Container, network: Network, view: Pick<Store, 'get'>): boolean {
  return (
    isActive(container, view.get('status', container.id)?.value) &&
    container.endpoints.some((at) => at.networkId === network.id)
  );
}
