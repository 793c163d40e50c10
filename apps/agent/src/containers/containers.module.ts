import { Module } from '@nestjs/common';
import { DiscoveryModule } from '../discovery/discovery.module.js';
import { EventsModule } from '../events/events.module.js';
import { IpamModule } from '../ipam/ipam.module.js';
import { NetworksModule } from '../networks/networks.module.js';
import { ReconcilerModule } from '../reconciler/reconciler.module.js';
import { WorldModule } from '../world/world.module.js';
import { Attachable } from './attachable.js';
import { AttachmentsService } from './attachments.service.js';
import { ContainerDirectory } from './container-directory.js';
import { ContainerEvents } from './container-events.js';
import { ContainerLogs } from './container-logs.js';
import { ContainerPruning } from './container-pruning.js';
import { ContainerWaits } from './container-waits.js';
import { ContainersService } from './containers.service.js';
import { MemoryKills } from './memory-kills.js';
import { NodeGrants } from './node-grants.js';
import { Revival } from './revival.js';
import { RunningContainers } from './running-containers.js';

/** Containers as people make, see, run and remove them, whichever API they come by. */
@Module({
  imports: [EventsModule, IpamModule, WorldModule, DiscoveryModule, ReconcilerModule, NetworksModule],
  providers: [
    Attachable,
    AttachmentsService,
    ContainerDirectory,
    ContainerEvents,
    ContainerLogs,
    ContainerPruning,
    ContainerWaits,
    ContainersService,
    MemoryKills,
    NodeGrants,
    Revival,
    RunningContainers,
  ],
  exports: [
    Attachable,
    AttachmentsService,
    ContainerDirectory,
    ContainerEvents,
    ContainerLogs,
    ContainerPruning,
    ContainerWaits,
    ContainersService,
    MemoryKills,
    NodeGrants,
    Revival,
    RunningContainers,
  ],
})
export class ContainersModule {}
