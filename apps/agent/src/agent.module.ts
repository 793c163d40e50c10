import { Module, type DynamicModule } from '@nestjs/common';
import { BackupModule } from './backup/backup.module.js';
import { ContainersModule } from './containers/containers.module.js';
import { DataPlaneModule } from './data-plane/data-plane.module.js';
import { DiscoveryModule } from './discovery/discovery.module.js';
import { EngineApiModule } from './engine-api/engine-api.module.js';
import { EventsModule } from './events/events.module.js';
import { HealthModule } from './health/health.module.js';
import { ImagesModule } from './images/images.module.js';
import { InfoModule } from './info/info.module.js';
import { IpamModule } from './ipam/ipam.module.js';
import { Lifecycle } from './lifecycle.js';
import { MembershipModule } from './membership/membership.module.js';
import { NetworksModule } from './networks/networks.module.js';
import { NodeModule, type NodeParts } from './node/node.module.js';
import { ProjectsModule } from './projects/projects.module.js';
import { ReconcilerModule } from './reconciler/reconciler.module.js';
import { SandboxModule } from './sandbox/sandbox.module.js';
import { SwarmModule } from './swarm/swarm.module.js';
import { TraceModule } from './trace/trace.module.js';
import { VolumesModule } from './volumes/volumes.module.js';
import { WorldModule } from './world/world.module.js';

/** The node's agent: desired state in, reality out. Its rooms, from the bottom up. */
@Module({})
export class AgentModule {
  static on(parts: NodeParts): DynamicModule {
    return {
      module: AgentModule,
      imports: [
        NodeModule.with(parts),
        EventsModule,
        IpamModule,
        DataPlaneModule,
        SandboxModule,
        WorldModule,
        DiscoveryModule,
        HealthModule,
        ImagesModule,
        VolumesModule,
        ReconcilerModule,
        MembershipModule,
        NetworksModule,
        ContainersModule,
        SwarmModule,
        ProjectsModule,
        BackupModule,
        TraceModule,
        InfoModule,
        EngineApiModule,
      ],
      providers: [Lifecycle],
    };
  }
}
