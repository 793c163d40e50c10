import { Module } from '@nestjs/common';
import { ContainersModule } from '../containers/containers.module.js';
import { DataPlaneModule } from '../data-plane/data-plane.module.js';
import { DiscoveryModule } from '../discovery/discovery.module.js';
import { EventsModule } from '../events/events.module.js';
import { MembershipModule } from '../membership/membership.module.js';
import { NetworksModule } from '../networks/networks.module.js';
import { ReconcilerModule } from '../reconciler/reconciler.module.js';
import { WorldModule } from '../world/world.module.js';
import { ManagerMessages } from './manager-messages.js';
import { ManagerSession } from './manager-session.js';
import { SettledTraffic } from './settled-traffic.js';
import { SwarmEvents } from './swarm-events.js';
import { SwarmTasks } from './swarm-tasks.js';
import { SwarmController } from './swarm.controller.js';
import { SwarmService } from './swarm.service.js';
import { TaskLogs } from './task-logs.js';
import { TaskReporter } from './task-reporter.js';

/** The node at work in a cluster: the session with its manager, and the tasks that it assigns. */
@Module({
  imports: [
    EventsModule,
    DataPlaneModule,
    WorldModule,
    DiscoveryModule,
    ReconcilerModule,
    MembershipModule,
    NetworksModule,
    ContainersModule,
  ],
  controllers: [SwarmController],
  providers: [
    ManagerMessages,
    ManagerSession,
    SettledTraffic,
    SwarmEvents,
    SwarmService,
    SwarmTasks,
    TaskLogs,
    TaskReporter,
  ],
  exports: [ManagerSession, SwarmEvents],
})
export class SwarmModule {}
