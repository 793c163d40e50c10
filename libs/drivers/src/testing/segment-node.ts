import { newId } from '#lib/common';
import { NodeNames, type Container, type Network } from '#lib/domain';
import type { Host } from '#lib/host';
import type { DriverContext, EndpointOf, KernelView } from '../driver.js';
import { kernelView } from '../kernel-view.js';
import { driverFor } from '../registry.js';
import { RULE_SOURCES } from '../rule-sources.js';
import { attach, container, contextOn, network } from './fixtures.js';

/** One node with its networks of one driver, on the segment 192.0.2.0/24 and 2001:db8::/64 unless others are given, and what is on them. */
export class SegmentNode {
  readonly names = new NodeNames(newId());
  readonly containers: Container[] = [];
  readonly networks: Network[] = [];

  constructor(
    readonly host: Host,
    private readonly driver: 'nat' | 'transparent' | 'l2bridge' | 'l2tunnel',
    private readonly uplink: string | undefined,
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
      ipv4: `${base(on, '.')}.${last}`,
      ...(on.enableIPv6 && { ipv6: `${base(on, '::')}::${last}` }),
    });
    const { mac: seed } = made.endpoint;
    made.endpoint.mac = driverFor(this.driver).endpointMac?.({ seed }, on, this.host.links()) ?? seed;
    this.containers.push(made.container);
    // As the reconciler does: who announces itself is known already.
    this.apply();
    await this.host.createNetns(this.names.netns(made.container.id));
    await driverFor(this.driver).ensureEndpoint(made, this.context);
    return made;
  }

  apply(): void {
    const { names, networks, containers } = this;
    const { links } = this.view();
    for (const { family, rules } of RULE_SOURCES) {
      if (family === 'inet') continue;
      this.host.nft(rules({ names, networks, containers, attached: containers, services: [], links }));
    }
  }

  ready(on: Network): boolean {
    return driverFor(this.driver).networkReady(on, this.view());
  }

  async remove(endpoints: readonly EndpointOf[]): Promise<void> {
    for (const each of endpoints) await this.removeEndpoint(each);
    for (const each of this.networks.splice(0)) await driverFor(this.driver).removeNetwork(each, this.context);
    this.containers.length = 0;
    this.apply();
  }

  async removeEndpoint(at: EndpointOf): Promise<void> {
    await driverFor(this.driver).removeEndpoint(at, this.context);
    await this.host.removeNetns(this.names.netns(at.container.id));
    this.containers.splice(this.containers.indexOf(at.container), 1);
  }
}

/** What the addresses of the network's pool of a family begin with: `192.0.2`, or `2001:db8`. */
function base({ pools }: Network, joint: '.' | '::'): string {
  const { subnet } = pools.find((pool) => pool.subnet.includes(':') === (joint === '::'))!;
  return subnet.slice(0, subnet.lastIndexOf(joint));
}
