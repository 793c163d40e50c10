import { Inject, Injectable } from '@nestjs/common';
import { forbidden, invalid, listed, notFound } from '#lib/common';
import type { NetworkView } from '#lib/contracts';
import { PREDEFINED_NETWORKS, type Network } from '#lib/domain';
import type { Store } from '#lib/store';
import { NODE, STORE, type Node } from '../node/tokens.js';
import { contradiction } from './default-network.js';

/** Networks as people see and remove them. */
@Injectable()
export class NetworksService {
  constructor(
    @Inject(NODE) private readonly node: Node,
    @Inject(STORE) private readonly store: Store,
  ) {}

  list(): NetworkView[] {
    return this.present().map((network) => this.view(network));
  }

  inspect(idOrName: string): NetworkView {
    return this.view(this.find(idOrName));
  }

  /** Written down as removed; the reconciler takes it out of the kernel. Refused while containers are attached. */
  async remove(idOrName: string): Promise<void> {
    const { id } = this.find(idOrName);
    await this.store.transact((view) => {
      const network = view.get('network', id)?.value;
      if (!network) throw notFound(`network ${idOrName} not found`);
      // The default network goes only when the configuration wants another.
      if (PREDEFINED_NETWORKS.includes(network.name) && !contradiction(network, this.node.config)) {
        throw forbidden(`${network.name} is a pre-defined network and cannot be removed`);
      }
      const attached = view
        .list('container')
        .filter((container) => container.target !== 'removed' && container.endpoints.some((at) => at.networkId === id));
      if (attached.length > 0) {
        const names = attached.map((container) => `name:"${container.name}" id:"${container.id.slice(0, 12)}"`);
        throw forbidden(
          `error while removing network: network ${network.name} has active endpoints (${listed(names)})`,
        );
      }
      return { changes: [{ op: 'put', kind: 'network', value: { ...network, target: 'removed' } }], result: undefined };
    });
  }

  private present(): Network[] {
    return this.store.list('network').filter((network) => network.target === 'present');
  }

  /** By full id, name, or unique prefix of the id. */
  private find(idOrName: string): Network {
    const all = this.present();
    const exact = all.find((network) => network.id === idOrName) ?? all.find((network) => network.name === idOrName);
    if (exact) return exact;
    const byPrefix = idOrName === '' ? [] : all.filter((network) => network.id.startsWith(idOrName));
    if (byPrefix.length > 1) {
      throw invalid(`network ${idOrName} is ambiguous (${byPrefix.length} matches found based on ID prefix)`);
    }
    if (byPrefix[0]) return byPrefix[0];
    throw notFound(`network ${idOrName} not found`);
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
