import { Module } from '@nestjs/common';
import { DispatcherController } from './dispatcher.controller.js';
import { Dispatcher } from './dispatcher.js';
import { Liveness } from './liveness.js';

@Module({
  controllers: [DispatcherController],
  providers: [Dispatcher, Liveness],
  exports: [Dispatcher],
})
export class DispatcherModule {}
