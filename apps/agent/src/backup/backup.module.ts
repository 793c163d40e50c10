import { Module } from '@nestjs/common';
import { MembershipModule } from '../membership/membership.module.js';
import { BackupController } from './backup.controller.js';
import { BackupService } from './backup.service.js';

/** The node as one file. */
@Module({
  imports: [MembershipModule],
  controllers: [BackupController],
  providers: [BackupService],
  exports: [BackupService],
})
export class BackupModule {}
