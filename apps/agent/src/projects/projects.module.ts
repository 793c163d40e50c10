import { Module } from '@nestjs/common';
import { ContainersModule } from '../containers/containers.module.js';
import { ImagesModule } from '../images/images.module.js';
import { IpamModule } from '../ipam/ipam.module.js';
import { NetworksModule } from '../networks/networks.module.js';
import { ReconcilerModule } from '../reconciler/reconciler.module.js';
import { WorldModule } from '../world/world.module.js';
import { LogsService } from './logs.service.js';
import { ProjectImages } from './project-images.js';
import { ProjectViews } from './project-views.service.js';
import { ProjectsController } from './projects.controller.js';
import { ProjectsService } from './projects.service.js';

/** Compose projects. */
@Module({
  imports: [IpamModule, WorldModule, ImagesModule, ReconcilerModule, NetworksModule, ContainersModule],
  controllers: [ProjectsController],
  providers: [LogsService, ProjectImages, ProjectViews, ProjectsService],
})
export class ProjectsModule {}
