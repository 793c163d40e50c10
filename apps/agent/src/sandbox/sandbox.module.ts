import { Module } from '@nestjs/common';
import { DataPlaneModule } from '../data-plane/data-plane.module.js';
import { Sandbox } from './sandbox.js';

/** A container's network namespace, and the files of its own that are mounted into it. */
@Module({
  imports: [DataPlaneModule],
  providers: [Sandbox],
  exports: [Sandbox],
})
export class SandboxModule {}
