import { Inject, Injectable } from '@nestjs/common';
import type { NodeNames } from '#lib/domain';
import type { DriverContext } from '#lib/drivers';
import type { Host } from '#lib/host';
import { DhcpLeases } from '../ipam/dhcp-leases.js';
import { HOST, NODE, type Node } from '../node/tokens.js';

/** What drivers work with on this node. */
@Injectable()
export class NodeContext implements DriverContext {
  readonly names: NodeNames;

  constructor(
    @Inject(NODE) node: Node,
    @Inject(HOST) readonly host: Host,
    readonly dhcp: DhcpLeases,
  ) {
    this.names = node.names;
  }
}
