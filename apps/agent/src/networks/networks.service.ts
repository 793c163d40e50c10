import { Inject, Injectable } from '@nestjs/common';
import { forbidden, listed, notFound } from '#lib/common';
import type { NetworkView } from '#lib/contracts';
import { isActive, PREDEFINED_NETWORKS, type Network } from '#lib/domain';
import type { Store } from '#lib/store';
import { NODE, STORE, type Node } from '../node/tokens.js';
import { contradiction } from './default-network.js';
import { NetworkDirectory } from './network-directory.js';

/** Networks as people see and remove them. */
@Injectable()
export class NetworksService {
  constructor(
    @Inject(NODE) private readonly node: Node,
    @Inject(STORE) private readonly store: Store,
    private readonly directory: NetworkDirectory,
  ) {}

  list(): NetworkView[] {
    return this.directory.all().map((network) => this.view(network));
  }

  inspect(idOrName: string): NetworkView {
    return this.view(this.directory.find(idOrName));
  }

  /** Written down as removed; the reconciler takes it out of the kernel. Refused while active containers are attached. */
  async remove(idOrName: string): Promise<void> {
    const { id } = this.directory.find(idOrName);
    await this.store.transact((view) => {
      const network = view.get('network', id)?.value;
      if (!network) throw notFound(`network ${idOrName} not found`);
      // The default network goes only when the configuration wants another.
      if (PREDEFINED_NETWORKS.includes(network.name) && !contradiction(network, this.node.config)) {
        throw forbidden(`${network.name} is a pre-defined network and cannot be removed`);
      }
      const attached = view
        .list('container')
        .filter((each) => isActive(each, view.get('status', each.id)?.value))
        .filter((each) => each.endpoints.some((at) => at.networkId === id));
      if (attached.length > 0) {
        const names = attached.map((container) => `name:"${container.name}" id:"${container.id.slice(0, 12)}"`);
        throw forbidden(
          `error while removing network: network ${network.name} has active endpoints (${listed(names)})`,
        );
      }
      return { changes: [{ op: 'put', kind: 'network', value: { ...network, target: 'removed' } }], result: undefined };
    });
  }

  private view(network: Network): NetworkView {
    const { id, name, driver, internal, enableIPv6, linkName, createdAt, labels, options, pools } = network;
    const containers = this.store.list('container').flatMap((container) => {
      const endpoint = container.endpoints.find((at) => at.networkId === id);
      if (!endpoint || container.target === 'removed') return [];
      const { ipv4, ipv6, mac } = endpoint;
      return [{ id: container.id, name: container.name, ipv4, ipv6, mac }];
    });
    return { id, name, driver, internal, enableIPv6, linkName, createdAt, labels, options, pools, containers };
  }
}
