import { Injectable } from '@nestjs/common';
import { BackupService } from './backup/backup.service.js';
import { ReplacedNodes } from './backup/replaced-nodes.js';
import { ContainerEvents } from './containers/container-events.js';
import { MemoryKills } from './containers/memory-kills.js';
import { Revival } from './containers/revival.js';
import { DiscoveryFeed } from './discovery/discovery-feed.js';
import { BuildSandboxes } from './engine-api/build/build-sandboxes.js';
import { HealthRunner } from './health/health-runner.js';
import { DhcpLeases } from './ipam/dhcp-leases.js';
import { DefaultNetwork } from './networks/default-network.js';
import { ForeignFirewalls } from './networks/foreign-firewalls.js';
import { NetworkEvents } from './networks/network-events.js';
import { Exits } from './reconciler/exits.js';
import { Reconciler } from './reconciler/reconciler.js';
import { ManagerSession } from './swarm/manager-session.js';
import { SwarmEvents } from './swarm/swarm-events.js';
import { World } from './world/world.js';

/** The order in which the agent's loops begin and end. */
@Injectable()
export class Lifecycle {
  constructor(
    private readonly backups: BackupService,
    private readonly replaced: ReplacedNodes,
    private readonly defaultNetwork: DefaultNetwork,
    private readonly dhcp: DhcpLeases,
    private readonly world: World,
    private readonly exits: Exits,
    private readonly health: HealthRunner,
    private readonly discovery: DiscoveryFeed,
    private readonly builds: BuildSandboxes,
    private readonly reconciler: Reconciler,
    private readonly containerEvents: ContainerEvents,
    private readonly networkEvents: NetworkEvents,
    private readonly memoryKills: MemoryKills,
    private readonly session: ManagerSession,
    private readonly swarmEvents: SwarmEvents,
    private readonly revival: Revival,
    private readonly firewalls: ForeignFirewalls,
  ) {}

  /** When it resolves, desired state can be taken. */
  async start(): Promise<void> {
    await this.backups.clear();
    // Its links may have the subnets of networks that follow.
    await this.replaced.clear();
    await this.defaultNetwork.ensure();
    this.firewalls.start();
    await this.builds.clear();
    await this.dhcp.start(() => this.reconciler.poke());
    this.world.onContainer((id) => {
      this.memoryKills.consider(id);
      this.exits.consider(id);
      this.health.consider(id);
      this.reconciler.poke();
    });
    await this.reconciler.start();
    this.containerEvents.start();
    this.networkEvents.start();
    this.discovery.start(() => this.reconciler.poke());
    this.session.start();
    this.swarmEvents.start();
    this.revival.run();
  }

  /** Steps under way are finished; containers, names and links stay as they are. */
  async stop(): Promise<void> {
    this.session.stop();
    this.swarmEvents.stop();
    this.health.stop();
    this.exits.stop();
    this.memoryKills.stop();
    await this.reconciler.stop();
    this.discovery.stop();
    this.dhcp.stop();
  }
}
