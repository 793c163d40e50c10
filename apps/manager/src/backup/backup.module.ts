import { Module } from '@nestjs/common';
import { CopyController } from './copy.controller.js';

@Module({ controllers: [CopyController] })
export class BackupModule {}
