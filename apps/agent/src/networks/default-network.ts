import { Inject, Injectable, Logger } from '@nestjs/common';
import { messageOf } from '#lib/common';
import type { DaemonConfig } from '#lib/contracts';
import type { Network, NetworkRequest } from '#lib/domain';
import { formatCidr, parseCidr } from '#lib/ipam';
import type { Store } from '#lib/store';
import { NODE, STORE, type Node } from '../node/tokens.js';
import { grantNetwork } from './grant-network.js';
import { NodeSurroundings } from './surroundings.js';

export const DEFAULT_NETWORK = 'nat';

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
    for (const driver of ['host', 'none'] as const) await this.ensureVirtual(driver);
    const existing = this.store.list('network').find((network) => network.name === DEFAULT_NETWORK);
    if (existing) return this.compare(existing);
    if (this.node.config.bridge === 'none') return;
    try {
      await this.grant(this.request());
    } catch (error) {
      // The node is of use without it: networks with subnets of their own still work.
      this.warn(`the default network ${DEFAULT_NETWORK} could not be made: ${messageOf(error)}`);
    }
  }

  /** There is none, as the configuration says: as with Docker, who names no network is on none then. */
  get isWithheld(): boolean {
    const isThere = ({ name, target }: Network) => name === DEFAULT_NETWORK && target === 'present';
    return this.node.config.bridge === 'none' && !this.store.list('network').some(isThere);
  }

  private async ensureVirtual(driver: 'host' | 'none'): Promise<void> {
    if (this.store.list('network').some((network) => network.driver === driver)) return;
    const request = { ...this.request(), name: driver, driver, pools: [] };
    await this.grant(request);
  }

  private async grant(request: NetworkRequest): Promise<void> {
    await this.store.transact((view) => {
      const { network } = grantNetwork(request, this.surroundings.look(view.list('network')));
      return { changes: [{ op: 'put', kind: 'network', value: network, expect: 0 }], result: undefined };
    });
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
    const why = contradiction(existing, this.node.config);
    if (!why) return;
    const subnets = existing.pools.map((pool) => pool.subnet).join(', ');
    this.warn(
      `${why}, but network ${existing.name} (${subnets}) is kept as it is; to change it, remove the containers on it, run "skep network rm ${existing.name}", and start the daemon again`,
    );
  }

  private warn(message: string): void {
    this.warnings.push(message);
    this.log.warn(message);
  }
}

/** What the configuration says of the default network that the existing one does not do; undefined when they agree. */
export function contradiction(existing: Network, config: DaemonConfig): string | undefined {
  if (config.bridge === 'none') return 'bridge is "none" in the daemon configuration';
  const asked = { 'fixed-cidr': config.fixedCidr, 'fixed-cidr-v6': config.fixedCidrV6 };
  for (const [key, subnet] of Object.entries(asked)) {
    if (!subnet) continue;
    const text = formatCidr(parseCidr(subnet, key));
    if (!existing.pools.some((pool) => pool.subnet === text)) return `${key} is ${subnet} in the daemon configuration`;
  }
  return undefined;
}
