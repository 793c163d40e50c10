import { Module } from '@nestjs/common';
import { DataPlaneModule } from '../data-plane/data-plane.module.js';
import { MembershipModule } from '../membership/membership.module.js';
import { SandboxModule } from '../sandbox/sandbox.module.js';
import { BackupController } from './backup.controller.js';
import { BackupService } from './backup.service.js';
import { ReplacedNodes } from './replaced-nodes.js';

/** The node as one file. */
@Module({
  imports: [DataPlaneModule, MembershipModule, SandboxModule],
  controllers: [BackupController],
  providers: [BackupService, ReplacedNodes],
  exports: [BackupService, ReplacedNodes],
})
export class BackupModule {}
