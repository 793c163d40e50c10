import { Inject, Injectable } from '@nestjs/common';
import { networkSysctls, type Container, type NetworkSysctl } from '#lib/domain';
import { driverFor, nodeSeenFrom } from '#lib/drivers';
import type { Host } from '#lib/host';
import type { Store } from '#lib/store';
import { NodeContext } from '../data-plane/node-context.js';
import { HOST, NODE, STORE, type Node } from '../node/tokens.js';
import { endpointsOf, leftBy } from './endpoints.js';
import { SandboxFiles, type Mount } from './files.js';

/** Every port may be bound without privileges inside a container, as in Docker; the namespace is the container's own. */
const OPEN_PORTS: NetworkSysctl = { path: 'net/ipv4/ip_unprivileged_port_start', value: '0' };

/** A container's network namespace with everything in it, and the files that are mounted into the container. */
@Injectable()
export class Sandbox {
  private readonly files: SandboxFiles;

  constructor(
    @Inject(NODE) private readonly node: Node,
    @Inject(STORE) private readonly store: Store,
    @Inject(HOST) private readonly host: Host,
    private readonly context: NodeContext,
  ) {
    this.files = new SandboxFiles(node, host);
  }

  /** Also of a running container: what it joined appears in its namespace, what it left goes. */
  async ensure(container: Container): Promise<void> {
    const netns = this.node.names.netns(container.id);
    const endpoints = endpointsOf(container, this.store);
    await this.host.createNetns(netns);
    // Those of a link are set where it is made.
    for (const { path, value, link } of [OPEN_PORTS, ...networkSysctls(container)]) {
      if (link === undefined) this.host.sysctl(path, value, { netns });
    }
    for (const at of leftBy(container, this.store)) await driverFor(at.network.driver).removeEndpoint(at, this.context);
    for (const at of endpoints) await driverFor(at.network.driver).ensureEndpoint(at, this.context);
    // A container that runs sees at once on which networks it is.
    if (this.files.exist(container)) this.writeFiles(container);
  }

  async remove(container: Container): Promise<void> {
    for (const at of endpointsOf(container, this.store)) {
      await driverFor(at.network.driver).removeEndpoint(at, this.context);
    }
    await this.host.removeNetns(this.node.names.netns(container.id));
  }

  writeFiles(container: Container): Mount[] {
    const networks = endpointsOf(container, this.store).map((at) => at.network);
    this.files.write(container, networks, this.hostGateway(container));
    return this.files.mounts(container);
  }

  /** Where the container reaches its node: at a gateway that is the node's, or on the segment. */
  hostGateway(container: Container): string | undefined {
    const linkOf = (name: string) => this.host.links().find((link) => link.name === name);
    return endpointsOf(container, this.store).flatMap(
      ({ network }) => nodeSeenFrom(network, network.uplink === undefined ? undefined : linkOf(network.uplink)) ?? [],
    )[0];
  }

  removeFiles(container: Pick<Container, 'id'>): void {
    this.files.remove(container);
  }
}
