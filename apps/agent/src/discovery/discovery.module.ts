import { Module } from '@nestjs/common';
import { WorldModule } from '../world/world.module.js';
import { DiscoveryFeed } from './discovery-feed.js';
import { DnsController } from './dns.controller.js';

/** What the resolver is told, and what it would answer. */
@Module({
  imports: [WorldModule],
  controllers: [DnsController],
  providers: [DiscoveryFeed],
  exports: [DiscoveryFeed],
})
export class DiscoveryModule {}
