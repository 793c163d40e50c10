import { Module } from '@nestjs/common';
import { ContainersModule } from '../containers/containers.module.js';
import { EventsModule } from '../events/events.module.js';
import { HealthModule } from '../health/health.module.js';
import { MembershipModule } from '../membership/membership.module.js';
import { NetworksModule } from '../networks/networks.module.js';
import { ReconcilerModule } from '../reconciler/reconciler.module.js';
import { SandboxModule } from '../sandbox/sandbox.module.js';
import { VolumesModule } from '../volumes/volumes.module.js';
import { WorldModule } from '../world/world.module.js';
import { BuildSandboxes } from './build/build-sandboxes.js';
import { ContainerViews } from './containers/container-views.js';
import { containerControllers } from './containers/controllers.js';
import { EventsController } from './events/events.controller.js';
import { imageControllers } from './images/controllers.js';
import { imageProviders } from './images/providers.js';
import { DockerNetworksController } from './networks/networks.controller.js';
import { SwarmNetworks } from './networks/swarm-networks.js';
import { passthrough } from './passthrough/providers.js';
import { systemControllers } from './system/controllers.js';
import { EngineFacts } from './system/engine-facts.js';
import { VolumesController } from './volumes/volumes.controller.js';
import { VolumesService } from './volumes/volumes.service.js';

/** Docker's Engine API. */
@Module({
  imports: [
    EventsModule,
    WorldModule,
    HealthModule,
    VolumesModule,
    ReconcilerModule,
    MembershipModule,
    NetworksModule,
    ContainersModule,
    SandboxModule,
  ],
  controllers: [
    ...systemControllers,
    ...containerControllers,
    ...imageControllers,
    VolumesController,
    DockerNetworksController,
    EventsController,
  ],
  providers: [ContainerViews, EngineFacts, SwarmNetworks, VolumesService, ...imageProviders, ...passthrough],
  exports: [BuildSandboxes],
})
export class EngineApiModule {}
