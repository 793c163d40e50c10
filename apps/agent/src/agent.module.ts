import { Module, type DynamicModule } from '@nestjs/common';
import { BackupController } from './backup/backup.controller.js';
import { BackupService } from './backup/backup.service.js';
import { AttachmentsService } from './containers/attachments.service.js';
import { Attachable } from './containers/attachable.js';
import { ContainerDirectory } from './containers/container-directory.js';
import { ContainerPruning } from './containers/container-pruning.js';
import { ContainersService } from './containers/containers.service.js';
import { RunningContainers } from './containers/running-containers.js';
import { ContainerWaits } from './containers/container-waits.js';
import { WithheldAttaches } from './containers/withheld-attaches.js';
import { Revival } from './containers/revival.js';
import { NodeGrants } from './containers/node-grants.js';
import { DiscoveryFeed } from './discovery/discovery-feed.js';
import { DnsController } from './discovery/dns.controller.js';
import { containerControllers } from './engine-api/containers/controllers.js';
import { ContainerViews } from './engine-api/containers/container-views.js';
import { EventsController } from './engine-api/events/events.controller.js';
import { DockerNetworksController } from './engine-api/networks/networks.controller.js';
import { SwarmNetworks } from './engine-api/networks/swarm-networks.js';
import { imageControllers } from './engine-api/images/controllers.js';
import { imageProviders } from './engine-api/images/providers.js';
import { passthrough } from './engine-api/passthrough/providers.js';
import { systemControllers } from './engine-api/system/controllers.js';
import { VolumesController } from './engine-api/volumes/volumes.controller.js';
import { VolumesService } from './engine-api/volumes/volumes.service.js';
import { ContainerEvents } from './events/container-events.js';
import { EventLog } from './events/event-log.js';
import { MemoryKills } from './events/memory-kills.js';
import { NetworkEvents } from './events/network-events.js';
import { HealthRunner } from './health/health-runner.js';
import { ImageChecks } from './images/image-checks.js';
import { Images } from './images/images.js';
import { ImagesController } from './images/images.controller.js';
import { Lifecycle } from './lifecycle.js';
import { DefaultNetwork } from './networks/default-network.js';
import { ForeignFirewalls } from './networks/foreign-firewalls.js';
import { DhcpLeases } from './networks/dhcp-leases.js';
import { Leases } from './networks/leases.js';
import { NetworkDirectory } from './networks/network-directory.js';
import { NetworksController } from './networks/networks.controller.js';
import { NetworksService } from './networks/networks.service.js';
import { NodeContext } from './networks/node-context.js';
import { Rescan } from './networks/rescan.js';
import { NodeSurroundings } from './networks/surroundings.js';
import { InfoController } from './node/info.controller.js';
import { NodeModule, type NodeParts } from './node/node.module.js';
import { LogsService } from './projects/logs.service.js';
import { ProjectViews } from './projects/project-views.service.js';
import { ProjectImages } from './projects/project-images.js';
import { ProjectsController } from './projects/projects.controller.js';
import { ProjectsService } from './projects/projects.service.js';
import { Actions } from './reconciler/actions.js';
import { ContainerActions } from './reconciler/container-actions.js';
import { ReconcilerBus } from './reconciler/events.js';
import { Exits } from './reconciler/exits.js';
import { Firewall } from './reconciler/firewall.js';
import { Problems } from './reconciler/problems.js';
import { TranslationTables } from './reconciler/translation-tables.js';
import { Reconciler } from './reconciler/reconciler.js';
import { World } from './reconciler/world.js';
import { ClusterAttachments } from './swarm/cluster-attachments.js';
import { CertificateRenewal } from './swarm/certificate-renewal.js';
import { ManagerClient } from './swarm/manager-client.js';
import { ManagerMessages } from './swarm/manager-messages.js';
import { ManagerSession } from './swarm/manager-session.js';
import { NodeTunnel } from './swarm/node-tunnel.js';
import { SwarmMembership } from './swarm/membership.js';
import { SwarmController } from './swarm/swarm.controller.js';
import { SwarmEvents } from './swarm/swarm-events.js';
import { SwarmService } from './swarm/swarm.service.js';
import { SettledTraffic } from './swarm/settled-traffic.js';
import { ServiceTraffic } from './swarm/service-traffic.js';
import { SwarmTasks } from './swarm/swarm-tasks.js';
import { TaskLogs } from './swarm/task-logs.js';
import { TaskReporter } from './swarm/task-reporter.js';
import { Sandbox } from './sandbox/sandbox.js';
import { NewVolumes } from './volumes/new-volumes.js';
import { TraceController } from './trace/trace.controller.js';
import { TraceService } from './trace/trace.service.js';

const reconciling = [
  Actions,
  ContainerActions,
  Exits,
  Firewall,
  Problems,
  Reconciler,
  ReconcilerBus,
  Sandbox,
  TranslationTables,
  World,
  NewVolumes,
];
const networking = [
  DefaultNetwork,
  DhcpLeases,
  DiscoveryFeed,
  ForeignFirewalls,
  Leases,
  NetworkDirectory,
  NetworksService,
  NodeContext,
  NodeSurroundings,
  Rescan,
  TraceService,
];
const containers = [
  Attachable,
  AttachmentsService,
  ContainerDirectory,
  ContainerPruning,
  ContainersService,
  RunningContainers,
  ContainerWaits,
  NodeGrants,
  Revival,
  WithheldAttaches,
];
const swarm = [
  ClusterAttachments,
  ManagerClient,
  CertificateRenewal,
  ManagerMessages,
  ManagerSession,
  NodeTunnel,
  ServiceTraffic,
  SwarmMembership,
  SwarmNetworks,
  SettledTraffic,
  SwarmEvents,
  SwarmService,
  SwarmTasks,
  TaskLogs,
  BackupService,
  TaskReporter,
];
const telling = [ContainerEvents, EventLog, MemoryKills, NetworkEvents];
const running = [
  ContainerViews,
  HealthRunner,
  ImageChecks,
  Images,
  Lifecycle,
  LogsService,
  ProjectImages,
  ProjectsService,
  ProjectViews,
];

/** The node's agent: desired state in, reality out. */
@Module({})
export class AgentModule {
  static on(parts: NodeParts): DynamicModule {
    return {
      module: AgentModule,
      imports: [NodeModule.with(parts)],
      controllers: [
        SwarmController,
        ...systemControllers,
        ...containerControllers,
        ...imageControllers,
        VolumesController,
        DockerNetworksController,
        EventsController,
        InfoController,
        BackupController,
        ProjectsController,
        NetworksController,
        ImagesController,
        DnsController,
        TraceController,
      ],
      providers: [
        ...reconciling,
        ...networking,
        ...containers,
        ...telling,
        ...imageProviders,
        VolumesService,
        ...passthrough,
        ...swarm,
        ...running,
      ],
    };
  }
}
