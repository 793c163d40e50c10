import { Module } from '@nestjs/common';
import { LogsModule } from '../logs/logs.module.js';
import { ConfigsController } from './configs.controller.js';
import { NetworksController } from './networks.controller.js';
import { NodesController } from './nodes.controller.js';
import { SecretsController } from './secrets.controller.js';
import { ServicesController } from './services.controller.js';
import { SwarmController } from './swarm.controller.js';
import { TasksController } from './tasks.controller.js';

/** Docker's API of a swarm. */
@Module({
  imports: [LogsModule],
  controllers: [
    SwarmController,
    NodesController,
    NetworksController,
    ServicesController,
    TasksController,
    SecretsController,
    ConfigsController,
  ],
})
export class ControlApiModule {}
