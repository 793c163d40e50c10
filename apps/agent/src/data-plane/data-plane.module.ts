import { Module } from '@nestjs/common';
import { IpamModule } from '../ipam/ipam.module.js';
import { Firewall } from './firewall.js';
import { NodeContext } from './node-context.js';
import { NodeTunnel } from './node-tunnel.js';
import { ResolverTables } from './resolver-tables.js';
import { ServiceTraffic } from './service-traffic.js';
import { TranslationTables } from './translation-tables.js';

/** What carries packets on this node: the drivers' context, the packet filter, what is in namespaces, the tunnels of overlays. */
@Module({
  imports: [IpamModule],
  providers: [Firewall, NodeContext, NodeTunnel, ResolverTables, ServiceTraffic, TranslationTables],
  exports: [Firewall, NodeContext, NodeTunnel, ResolverTables, ServiceTraffic, TranslationTables],
})
export class DataPlaneModule {}
