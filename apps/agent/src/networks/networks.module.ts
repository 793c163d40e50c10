import { Module } from '@nestjs/common';
import { EventsModule } from '../events/events.module.js';
import { MembershipModule } from '../membership/membership.module.js';
import { ReconcilerModule } from '../reconciler/reconciler.module.js';
import { WorldModule } from '../world/world.module.js';
import { ClusterAttachments } from './cluster-attachments.js';
import { DefaultNetwork } from './default-network.js';
import { ForeignFirewalls } from './foreign-firewalls.js';
import { NetworkDirectory } from './network-directory.js';
import { NetworkEvents } from './network-events.js';
import { NetworksController } from './networks.controller.js';
import { NetworksService } from './networks.service.js';
import { Rescan } from './rescan.js';
import { NodeSurroundings } from './surroundings.js';

/** Networks as people make, see and remove them, those of a cluster included. */
@Module({
  imports: [EventsModule, WorldModule, ReconcilerModule, MembershipModule],
  controllers: [NetworksController],
  providers: [
    ClusterAttachments,
    DefaultNetwork,
    ForeignFirewalls,
    NetworkDirectory,
    NetworkEvents,
    NetworksService,
    NodeSurroundings,
    Rescan,
  ],
  exports: [
    ClusterAttachments,
    DefaultNetwork,
    ForeignFirewalls,
    NetworkDirectory,
    NetworkEvents,
    NetworksService,
    NodeSurroundings,
  ],
})
export class NetworksModule {}
