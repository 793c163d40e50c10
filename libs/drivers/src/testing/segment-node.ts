import { newId } from '#lib/common';
import { NodeNames, type Container, type Network } from '#lib/domain';
import type { Host } from '#lib/host';
import type { DriverContext, EndpointOf, KernelView } from '../driver.js';
import { kernelView } from '../kernel-view.js';
import { driverFor } from '../registry.js';
import { RULE_SOURCES } from '../rule-sources.js';
import { attach, container, contextOn, network } from './fixtures.js';

/** One node with its l2 networks on 192.0.2.0/24 and 2001:db8::/64, and what is on them. */
export class SegmentNode {
  readonly names = new NodeNames(newId());
  readonly containers: Container[] = [];
  readonly networks: Network[] = [];

  constructor(
    readonly host: Host,
    private readonly driver: 'l2bridge' | 'l2tunnel',
    private readonly uplink: string,
  ) {}

  get context(): DriverContext {
    return contextOn(this.host, this.names);
  }

  view(): KernelView {
    return kernelView(this.context);
  }

  async network(more: Partial<Network> = {}): Promise<Network> {
    const made = network(this.names, 'lan', ['192.0.2.0/24', '2001:db8::/64'], {
      driver: this.driver,
      uplink: this.uplink,
      pools: [
        { subnet: '192.0.2.0/24', gateway: '192.0.2.2' },
        { subnet: '2001:db8::/64', gateway: '2001:db8::2' },
      ],
      ...more,
    });
    this.networks.push(made);
    await driverFor(this.driver).ensureNetwork(made, this.context);
    return made;
  }

  async endpoint(on: Network, name: string, last: number): Promise<EndpointOf> {
    const made = attach(on, container(name), {
      ipv4: `192.0.2.${last}`,
      ...(on.enableIPv6 && { ipv6: `2001:db8::${last}` }),
    });
    const { mac: seed } = made.endpoint;
    made.endpoint.mac = driverFor(this.driver).endpointMac?.({ seed }, on, this.host.links()) ?? seed;
    this.containers.push(made.container);
    await this.host.createNetns(this.names.netns(made.container.id));
    await driverFor(this.driver).ensureEndpoint(made, this.context);
    return made;
  }

  apply(): void {
    const { names, networks, containers } = this;
    const { links } = this.view();
    const segments = RULE_SOURCES.find(({ family }) => family === 'netdev')!;
    this.host.nft(segments.rules({ names, networks, containers, attached: containers, services: [], links }));
  }

  ready(on: Network): boolean {
    return driverFor(this.driver).networkReady(on, this.view());
  }

  async remove(endpoints: readonly EndpointOf[]): Promise<void> {
    for (const each of endpoints) {
      await driverFor(this.driver).removeEndpoint(each, this.context);
      await this.host.removeNetns(this.names.netns(each.container.id));
    }
    for (const each of this.networks.splice(0)) await driverFor(this.driver).removeNetwork(each, this.context);
    this.containers.length = 0;
    this.apply();
  }
}
