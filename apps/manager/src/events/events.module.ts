import { Module } from '@nestjs/common';
import { ClusterEvents } from './cluster-events.js';
import { EventsController } from './events.controller.js';

@Module({ controllers: [EventsController], providers: [ClusterEvents] })
export class EventsModule {}
