import { Inject, Injectable } from '@nestjs/common';
import { notFound } from '#lib/common';
import type { Container, Network } from '#lib/domain';
import { withHostBinding } from '#lib/drivers';
import type { Store } from '#lib/store';
import { DiscoveryFeed } from '../discovery/discovery-feed.js';
import type { AttachmentRequest } from '../ipam/grant-endpoints.js';
import { Leases } from '../ipam/leases.js';
import { ClusterAttachments } from '../networks/cluster-attachments.js';
import { NetworkDirectory } from '../networks/network-directory.js';
import { STORE } from '../node/tokens.js';
import { Problems } from '../reconciler/problems.js';
import { Reconciler } from '../reconciler/reconciler.js';
import { follow, type WatchOptions } from '../reconciler/watch.js';
import { attached, detached } from './attachments.js';
import { ContainerDirectory } from './container-directory.js';
import { NodeGrants } from './node-grants.js';

/** Containers join and leave networks, also while they run. */
@Injectable()
export class AttachmentsService {
  constructor(
    @Inject(STORE) private readonly store: Store,
    private readonly directory: ContainerDirectory,
    private readonly networks: NetworkDirectory,
    private readonly grants: NodeGrants,
    private readonly reconciler: Reconciler,
    private readonly discovery: DiscoveryFeed,
    private readonly leases: Leases,
    private readonly cluster: ClusterAttachments,
    private readonly problems: Problems,
  ) {}

  /** When it resolves, the container has the interface and its names are answered; when it fails, nothing has changed. */
  async connect(idOrName: string, request: AttachmentRequest): Promise<void> {
    const { container, seen } = this.directory.know(idOrName);
    const runs = seen?.state === 'running' || seen?.state === 'paused';
    try {
      await this.change(container.id, (current, view) => {
        const network = this.networks.find(request.network, view);
        return attached(current, network, request, this.grants.look(view), runs);
      });
    } catch (error) {
      await this.takeBack(container, request.network);
      throw error;
    }
  }

  /** When it resolves, interface, addresses and names are gone. */
  async disconnect(idOrName: string, networkIdOrName: string): Promise<void> {
    const container = this.directory.find(idOrName);
    const { id } = container;
    const network = this.left(container, networkIdOrName);
    const left = await this.change(id, (current) => detached(current, network));
    this.leases.released({ ...left, endpoints: left.leaving?.filter((at) => at.networkId === network.id) ?? [] });
    if (container.endpoints.some((at) => at.cluster !== undefined)) await this.cluster.settled();
  }

  /** A network of the swarm that a stopped container was on may be away from this node; one of the node may be gone. */
  private left({ endpoints }: Container, idOrName: string): Pick<Network, 'id' | 'name' | 'driver'> {
    const away = endpoints.find((at) => at.cluster !== undefined && [at.cluster, at.networkId].includes(idOrName));
    if (away) return { id: away.networkId, name: away.cluster!, driver: 'overlay' };
    const there = new Set(this.networks.all().map(({ id }) => id));
    const gone = endpoints.find((at) => !there.has(at.networkId) && [at.network, at.networkId].includes(idOrName));
    if (gone) return { id: gone.networkId, name: gone.network ?? gone.networkId, driver: 'nat' };
    return this.networks.find(idOrName);
  }

  private async change(
    id: string,
    decide: (current: Container, view: Pick<Store, 'get' | 'list'>) => Container,
  ): Promise<Container> {
    const watch: WatchOptions = {
      concerns: (action) => action.kind === 'rules.apply' || ('container' in action && action.container.id === id),
      heldUp: (ids) => this.problems.ofSteps(ids),
    };
    const changed = await follow(this.reconciler, watch, () =>
      this.store.transact((view) => {
        const current = view.get('container', id)?.value;
        if (!current || current.target === 'removed') throw notFound(`No such container: ${id}`);
        const next = decide(current, view);
        // Another network than before may publish them: where it says.
        const asked = next.ports.map((port, at) => ({
          ...port,
          hostIp: next.portRequests?.[at]?.hostIp ?? port.hostIp,
        }));
        const value = { ...next, ports: withHostBinding(asked, next.endpoints, view.list('network')) };
        return { changes: [{ op: 'put', kind: 'container', value }], result: value };
      }),
    );
    // Without the resolver nobody gets an answer; it learns of this when it is back.
    await this.discovery.flush().catch(() => undefined);
    return changed;
  }

  /** What could not be made in the kernel is not desired any more. */
  private async takeBack(before: Container, networkName: string): Promise<void> {
    await this.store.transact((view) => {
      const current = view.get('container', before.id)?.value;
      const network = view.list('network').find((each) => each.name === networkName && each.target === 'present');
      const had = before.endpoints.find((at) => at.networkId === network?.id);
      const has = current?.endpoints.find((at) => at.networkId === network?.id);
      if (!current || !network || !has || had) return { changes: [], result: undefined };
      return {
        changes: [{ op: 'put', kind: 'container', value: detached(current, network) }],
        result: undefined,
      };
    });
  }
}
