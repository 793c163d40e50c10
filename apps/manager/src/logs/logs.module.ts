import { Module } from '@nestjs/common';
import { DispatcherModule } from '../dispatcher/dispatcher.module.js';
import { LogBroker } from './log-broker.js';
import { LogReading } from './log-reading.js';
import { LogsController } from './logs.controller.js';

@Module({
  imports: [DispatcherModule],
  controllers: [LogsController],
  providers: [LogBroker, LogReading],
  exports: [LogReading],
})
export class LogsModule {}
