import { Module } from '@nestjs/common';
import { DhcpLeases } from './dhcp-leases.js';
import { Leases } from './leases.js';

/** Addresses: what a container is given, what DHCP servers lease, what rests before somebody else gets it. */
@Module({
  providers: [DhcpLeases, Leases],
  exports: [DhcpLeases, Leases],
})
export class IpamModule {}
