import { Inject, Injectable, Logger } from '@nestjs/common';
import { messageOf } from '#lib/common';
import type { Network, NetworkRequest } from '#lib/domain';
import type { Store } from '#lib/store';
import { NODE, STORE, type Node } from '../node/tokens.js';
import { grantNetwork } from './grant-network.js';
import { NodeSurroundings } from './surroundings.js';

const DEFAULT_NETWORK = 'nat';

/**
 * The network that containers join when they name none. It is made on the first start, by `fixed-cidr` where that is
 * set, and not at all with `bridge: none`. A later change of either keeps what exists and says what to remove.
 */
@Injectable()
export class DefaultNetwork {
  readonly warnings: string[] = [];
  private readonly log = new Logger('networks');

  constructor(
    @Inject(NODE) private readonly node: Node,
    @Inject(STORE) private readonly store: Store,
    private readonly surroundings: NodeSurroundings,
  ) {}

  async ensure(): Promise<void> {
    const existing = this.store.list('network').find((network) => network.name === DEFAULT_NETWORK);
    if (existing) return this.compare(existing);
    if (this.node.config.bridge === 'none') return;
    try {
      await this.store.transact((view) => {
        const network = grantNetwork(this.request(), this.surroundings.look(view.list('network')));
        return { changes: [{ op: 'put', kind: 'network', value: network, expect: 0 }], result: undefined };
      });
    } catch (error) {
      // The node is of use without it: networks with subnets of their own still work.
      this.warn(`the default network ${DEFAULT_NETWORK} could not be made: ${messageOf(error)}`);
    }
  }

  private request(): NetworkRequest {
    const { fixedCidr, fixedCidrV6 } = this.node.config;
    return {
      name: DEFAULT_NETWORK,
      driver: 'nat',
      pools: [...(fixedCidr ? [{ subnet: fixedCidr }] : []), ...(fixedCidrV6 ? [{ subnet: fixedCidrV6 }] : [])],
      internal: false,
      attachable: false,
      enableIPv4: true,
      enableIPv6: fixedCidrV6 !== undefined,
      options: {},
      labels: {},
    };
  }

  private compare(existing: Network): void {
    const { fixedCidr, bridge } = this.node.config;
    const subnets = existing.pools.map((pool) => pool.subnet);
    const keeps = `network ${existing.name} (${subnets.join(', ')}) is kept as it is; to change it, stop the daemon, remove the network and the containers on it, and start again`;
    if (bridge === 'none') this.warn(`bridge is "none" in the daemon configuration, but ${keeps}`);
    else if (fixedCidr && !subnets.includes(fixedCidr)) this.warn(`fixed-cidr is ${fixedCidr}, but ${keeps}`);
  }

  private warn(message: string): void {
    this.warnings.push(message);
    this.log.warn(message);
  }
}
