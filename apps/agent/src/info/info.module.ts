import { Module } from '@nestjs/common';
import { NetworksModule } from '../networks/networks.module.js';
import { ReconcilerModule } from '../reconciler/reconciler.module.js';
import { WorldModule } from '../world/world.module.js';
import { InfoController } from './info.controller.js';

/** What the node says of itself. */
@Module({
  imports: [WorldModule, ReconcilerModule, NetworksModule],
  controllers: [InfoController],
})
export class InfoModule {}
