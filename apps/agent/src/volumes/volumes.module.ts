import { Module } from '@nestjs/common';
import { EventsModule } from '../events/events.module.js';
import { WorldModule } from '../world/world.module.js';
import { NewVolumes } from './new-volumes.js';

/** Volumes that somebody describes. */
@Module({
  imports: [EventsModule, WorldModule],
  providers: [NewVolumes],
  exports: [NewVolumes],
})
export class VolumesModule {}
