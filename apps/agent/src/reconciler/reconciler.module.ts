import { Module } from '@nestjs/common';
import { DataPlaneModule } from '../data-plane/data-plane.module.js';
import { DiscoveryModule } from '../discovery/discovery.module.js';
import { ImagesModule } from '../images/images.module.js';
import { IpamModule } from '../ipam/ipam.module.js';
import { SandboxModule } from '../sandbox/sandbox.module.js';
import { VolumesModule } from '../volumes/volumes.module.js';
import { WorldModule } from '../world/world.module.js';
import { Actions } from './actions.js';
import { ContainerActions } from './container-actions.js';
import { ReconcilerBus } from './events.js';
import { Exits } from './exits.js';
import { Problems } from './problems.js';
import { Reconciler } from './reconciler.js';
import { WithheldAttaches } from './withheld-attaches.js';

/** Compares what is desired with what is, and does what is missing. */
@Module({
  imports: [IpamModule, DataPlaneModule, SandboxModule, WorldModule, DiscoveryModule, ImagesModule, VolumesModule],
  providers: [Actions, ContainerActions, Exits, Problems, Reconciler, ReconcilerBus, WithheldAttaches],
  exports: [Exits, Problems, Reconciler, ReconcilerBus, WithheldAttaches],
})
export class ReconcilerModule {}
