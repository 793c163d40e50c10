import { Module } from '@nestjs/common';
import { ContainersModule } from '../containers/containers.module.js';
import { DataPlaneModule } from '../data-plane/data-plane.module.js';
import { NetworksModule } from '../networks/networks.module.js';
import { ReconcilerModule } from '../reconciler/reconciler.module.js';
import { WorldModule } from '../world/world.module.js';
import { TraceController } from './trace.controller.js';
import { TraceService } from './trace.service.js';

/** Why a packet gets from one container to another, or does not. */
@Module({
  imports: [DataPlaneModule, WorldModule, ReconcilerModule, NetworksModule, ContainersModule],
  controllers: [TraceController],
  providers: [TraceService],
})
export class TraceModule {}
