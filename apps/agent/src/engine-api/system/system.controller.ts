import os from 'node:os';
import { Controller, Get, Inject } from '@nestjs/common';
import { messageOf, skepVersion } from '#lib/common';
import { networkDrivers } from '#lib/drivers';
import { ContainerDirectory } from '../../containers/container-directory.js';
import { EventLog } from '../../events/event-log.js';
import { DefaultNetwork } from '../../networks/default-network.js';
import { ForeignFirewalls } from '../../networks/foreign-firewalls.js';
import { NODE, type Node } from '../../node/tokens.js';
import { Problems } from '../../reconciler/problems.js';
import { ManagerClient } from '../../membership/manager-client.js';
import { SwarmMembership } from '../../membership/membership.js';
import { distribution } from './machine.js';
import { EngineFacts } from './engine-facts.js';
import { systemInfo, type SystemFacts } from './system-info.js';

@Controller()
export class SystemController {
  constructor(
    @Inject(NODE) private readonly node: Node,
    private readonly engine: EngineFacts,
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
    const [engine, cluster] = await Promise.all([this.engine.info(), this.cluster()]);
    return systemInfo({
      nodeId: this.node.id,
      version: skepVersion(),
      config: this.node.config,
      engine,
      states: this.directory.all().map((container) => this.directory.about(container).seen?.state),
      drivers: networkDrivers,
      listeners: this.events.listeners,
      warnings: [...this.defaultNetwork.warnings, ...this.firewalls.warnings(), ...this.problems.all()],
      membership: this.membership.current,
      ...cluster,
      architecture: os.machine(),
      distribution: distribution(),
      now: new Date().toISOString(),
    });
  }

  /** An error also while the manager starts: nobody waits for it here. */
  private async cluster(): Promise<Pick<SystemFacts, 'cluster' | 'clusterError'>> {
    if (this.membership.current?.role !== 'manager') return {};
    try {
      const [{ JoinTokens: _secret, ...info }, nodes] = await Promise.all([
        this.manager.json<{ ID: string; JoinTokens: object }>('GET', '/swarm'),
        this.manager.json<{ Spec: { Role: string } }[]>('GET', '/nodes'),
      ]);
      const managers = nodes.filter(({ Spec }) => Spec.Role === 'manager').length;
      return { cluster: { info, nodes: nodes.length, managers } };
    } catch (error) {
      return { clusterError: messageOf(error) };
    }
  }
}
