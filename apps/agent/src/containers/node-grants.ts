import { Inject, Injectable } from '@nestjs/common';
import type { Host } from '#lib/host';
import type { Store } from '#lib/store';
import { Leases } from '../ipam/leases.js';
import { HOST } from '../node/tokens.js';
import type { GrantFacts } from './grant-containers.js';

/** What this node has to give at this moment: free addresses and ports. */
@Injectable()
export class NodeGrants {
  constructor(
    @Inject(HOST) private readonly host: Host,
    private readonly leases: Leases,
  ) {}

  look(view: Pick<Store, 'get' | 'list'>): GrantFacts {
    return {
      view,
      networks: view.list('network'),
      others: view.list('container'),
      links: this.host.links(),
      listening: (protocol, port, hostIp) => this.host.listening(protocol, port, hostIp),
      random: () => Math.random(),
      quarantined: (networkId) => this.leases.quarantined(networkId),
    };
  }
}
