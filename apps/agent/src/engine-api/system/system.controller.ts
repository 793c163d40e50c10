import { Controller, Get, Inject } from '@nestjs/common';
import { skepVersion } from '#lib/common';
import { networkDrivers } from '#lib/drivers';
import { askEngine, type Engine } from '#lib/engine';
import { ContainerDirectory } from '../../containers/container-directory.js';
import { EventLog } from '../../events/event-log.js';
import { DefaultNetwork } from '../../networks/default-network.js';
import { ForeignFirewalls } from '../../networks/foreign-firewalls.js';
import { ENGINE, NODE, type Node } from '../../node/tokens.js';
import { parseBody } from '#lib/http';
import { Problems } from '../../reconciler/problems.js';
import { ManagerClient } from '../../swarm/manager-client.js';
import { SwarmMembership } from '../../swarm/membership.js';
import { distribution } from './machine.js';
import { engineInfo } from './engine-info.js';
import { systemInfo, type ClusterFacts } from './system-info.js';

@Controller()
export class SystemController {
  constructor(
    @Inject(ENGINE) private readonly engine: Engine,
    @Inject(NODE) private readonly node: Node,
    private readonly directory: ContainerDirectory,
    private readonly defaultNetwork: DefaultNetwork,
    private readonly firewalls: ForeignFirewalls,
    private readonly problems: Problems,
    private readonly membership: SwarmMembership,
    private readonly events: EventLog,
    private readonly manager: ManagerClient,
  ) {}

  @Get('info')
  async info() {
    const [body, cluster] = await Promise.all([
      askEngine(this.engine.socketPath, { method: 'GET', path: '/info' }),
      this.cluster(),
    ]);
    return systemInfo({
      nodeId: this.node.id,
      version: skepVersion(),
      config: this.node.config,
      engine: parseBody(engineInfo, body),
      states: this.directory.all().map((container) => this.directory.about(container).seen?.state),
      drivers: networkDrivers,
      listeners: this.events.listeners,
      warnings: [...this.defaultNetwork.warnings, ...this.firewalls.warnings(), ...this.problems.all()],
      membership: this.membership.current,
      cluster,
      distribution: distribution(),
      now: new Date().toISOString(),
    });
  }

  /** undefined also while the manager starts: nobody waits for it here. */
  private async cluster(): Promise<ClusterFacts | undefined> {
    if (this.membership.current?.role !== 'manager') return undefined;
    try {
      const [{ JoinTokens: _secret, ...info }, nodes] = await Promise.all([
        this.manager.json<{ ID: string; JoinTokens: object }>('GET', '/swarm'),
        this.manager.json<{ Spec: { Role: string } }[]>('GET', '/nodes'),
      ]);
      return { info, nodes: nodes.length, managers: nodes.filter(({ Spec }) => Spec.Role === 'manager').length };
    } catch {
      return undefined;
    }
  }
}
