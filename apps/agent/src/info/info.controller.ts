import { Controller, Get, Inject } from '@nestjs/common';
import { skepVersion } from '#lib/common';
import type { NodeInfo } from '#lib/contracts';
import type { Engine } from '#lib/engine';
import type { Store } from '#lib/store';
import { DefaultNetwork } from '../networks/default-network.js';
import { ForeignFirewalls } from '../networks/foreign-firewalls.js';
import { ENGINE, NODE, STORE, type Node } from '../node/tokens.js';
import { Problems } from '../reconciler/problems.js';
import { World } from '../world/world.js';

@Controller('skep/v1/info')
export class InfoController {
  constructor(
    @Inject(NODE) private readonly node: Node,
    @Inject(STORE) private readonly store: Store,
    @Inject(ENGINE) private readonly engine: Engine,
    private readonly world: World,
    private readonly defaultNetwork: DefaultNetwork,
    private readonly firewalls: ForeignFirewalls,
    private readonly problems: Problems,
  ) {}

  @Get()
  async info(): Promise<NodeInfo> {
    const { dataRoot, execRoot } = this.node.config;
    return {
      nodeId: this.node.id,
      version: skepVersion(),
      engine: await this.engine.info(),
      resolver: this.world.resolving ? 'up' : 'away',
      dataRoot,
      execRoot,
      networks: this.store.list('network').filter((network) => network.target === 'present').length,
      containers: this.store.list('container').filter((container) => container.target !== 'removed').length,
      warnings: [...this.defaultNetwork.warnings, ...this.firewalls.warnings(), ...this.problems.all()],
    };
  }
}
