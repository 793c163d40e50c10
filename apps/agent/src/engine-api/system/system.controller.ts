import { Controller, Get, Inject } from '@nestjs/common';
import { skepVersion } from '#lib/common';
import { networkDrivers } from '#lib/drivers';
import { askEngine, type Engine } from '#lib/engine';
import { ContainerDirectory } from '../../containers/container-directory.js';
import { EventLog } from '../../events/event-log.js';
import { DefaultNetwork } from '../../networks/default-network.js';
import { ENGINE, NODE, type Node } from '../../node/tokens.js';
import { parseBody } from '#lib/http';
import { Problems } from '../../reconciler/problems.js';
import { SwarmMembership } from '../../swarm/membership.js';
import { engineInfo } from './engine-info.js';
import { systemInfo } from './system-info.js';

@Controller()
export class SystemController {
  constructor(
    @Inject(ENGINE) private readonly engine: Engine,
    @Inject(NODE) private readonly node: Node,
    private readonly directory: ContainerDirectory,
    private readonly defaultNetwork: DefaultNetwork,
    private readonly problems: Problems,
    private readonly membership: SwarmMembership,
    private readonly events: EventLog,
  ) {}

  @Get('info')
  async info() {
    const body = await askEngine(this.engine.socketPath, { method: 'GET', path: '/info' });
    return systemInfo({
      nodeId: this.node.id,
      version: skepVersion(),
      config: this.node.config,
      engine: parseBody(engineInfo, body),
      states: this.directory.all().map((container) => this.directory.about(container).seen?.state),
      drivers: networkDrivers,
      listeners: this.events.listeners,
      warnings: [...this.defaultNetwork.warnings, ...this.problems.all()],
      membership: this.membership.current,
      now: new Date().toISOString(),
    });
  }
}
