import { Module } from '@nestjs/common';
import { DataPlaneModule } from '../data-plane/data-plane.module.js';
import { World } from './world.js';

/** What is, as far as this agent knows. */
@Module({
  imports: [DataPlaneModule],
  providers: [World],
  exports: [World],
})
export class WorldModule {}
