import { Module } from '@nestjs/common';
import { WorldModule } from '../world/world.module.js';
import { HealthRunner } from './health-runner.js';

/** Health checks of containers. */
@Module({
  imports: [WorldModule],
  providers: [HealthRunner],
  exports: [HealthRunner],
})
export class HealthModule {}
