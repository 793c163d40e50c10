import { Module } from '@nestjs/common';
import { EventLog } from './event-log.js';

/** What has happened on this node, in order. */
@Module({
  providers: [EventLog],
  exports: [EventLog],
})
export class EventsModule {}
