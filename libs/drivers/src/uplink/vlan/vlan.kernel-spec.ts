import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '#lib/common';
import { NodeNames, type DriverName } from '#lib/domain';
import type { DriverContext, EndpointOf } from '../../driver.js';
import { kernelView } from '../../kernel-view.js';
import { driverFor } from '../../registry.js';
import { attach, container, contextOn, network } from '../../testing/fixtures.js';
import { Lab } from '../../testing/lab.js';

const SUBNET = '10.7.0.0/24';

/** A node with a network in each VLAN, all with the same subnet, and a container on each. */
class VlanNode {
  readonly names = new NodeNames(newId());
  readonly context: DriverContext;
  readonly endpoints = new Map<number, EndpointOf>();

  constructor(
    private readonly lab: Lab,
    private readonly driver: DriverName,
    readonly uplink: string,
    name?: string,
  ) {
    this.context = contextOn(name === undefined ? lab.host : lab.hostOf(name), this.names);
  }

  async join(vlan: number, address: string): Promise<EndpointOf> {
    const net = network(this.names, `vlan${vlan}`, [SUBNET], { driver: this.driver, uplink: this.uplink, vlan });
    const driver = driverFor(this.driver);
    await driver.ensureNetwork(net, this.context);
    const at = attach(net, container(`c${vlan}`), { ipv4: address });
    await this.lab.host.createNetns(this.netns(at));
    await driver.ensureEndpoint(at, this.context);
    await this.lab.serve(this.netns(at));
    this.endpoints.set(vlan, at);
    return at;
  }

  async leave(): Promise<void> {
    for (const at of this.endpoints.values()) {
      await driverFor(this.driver).removeEndpoint(at, this.context);
      await this.lab.host.removeNetns(this.netns(at));
      await driverFor(this.driver).removeNetwork(at.network, this.context);
    }
  }

  netns(at: EndpointOf): string {
    return this.names.netns(at.container.id);
  }

  of(vlan: number): string {
    return this.netns(this.endpoints.get(vlan)!);
  }

  ready(vlan: number): boolean {
    const at = this.endpoints.get(vlan)!;
    return driverFor(this.driver).networkReady(at.network, kernelView(this.context));
  }
}

describe('VLANs without 8021q', () => {
  let lab: Lab;
  let one: VlanNode;
  let two: VlanNode;
  let before: unknown;
  const world = () => ({
    links: lab.host.links(),
    routes: lab.host.routes(),
    qdiscs: lab.run(undefined, ['tc', 'qdisc', 'show']).out,
    programs: lab.host.programs('up0', 'ingress'),
    promiscuity: lab.run(undefined, ['ip', '-d', 'link', 'show', 'up0']).out.replaceAll(/\d+: /g, ''),
  });

  beforeAll(async () => {
    lab = new Lab();
    await lab.segment(['second']);
    before = world();
    one = new VlanNode(lab, 'transparent', 'up0');
    two = new VlanNode(lab, 'transparent', 'eth0', 'second');
    for (const vlan of [10, 20]) {
      await one.join(vlan, '10.7.0.10');
      await two.join(vlan, '10.7.0.20');
    }
  });
  afterAll(() => lab.close());

  it('are complete as the kernel shows them', () => {
    expect([one.ready(10), one.ready(20), two.ready(10), two.ready(20)]).toEqual([true, true, true, true]);
    expect(lab.host.programs('up0', 'ingress')).toHaveLength(2);
  });

  it('carry the same subnet side by side, each with its tag on the wire and no other', async () => {
    const wire = await lab.capture(lab.netns('wire'), 'node', () => {
      expect(lab.asks(one.of(10), '10.7.0.20')).toBe('10.7.0.10');
      expect(lab.asks(two.of(20), '10.7.0.10')).toBe('10.7.0.20');
    });
    const macs = (vlan: number) => [one, two].map((node) => node.endpoints.get(vlan)!.endpoint.mac);
    for (const vlan of [10, 20]) {
      for (const mac of macs(vlan)) {
        expect(wire.lines(`vlan ${vlan} and ether src ${mac}`).length).toBeGreaterThan(0);
        expect(wire.lines(`vlan ${30 - vlan} and ether src ${mac}`)).toEqual([]);
        expect(wire.lines(`ether src ${mac} and not vlan`)).toEqual([]);
      }
    }
  });

  it('leave untagged traffic alone, and the node outside', () => {
    expect(lab.pings(undefined, '192.0.2.2')).toBe(true);
    expect(lab.pings(one.of(10), '192.0.2.1')).toBe(false);
    expect(lab.pings(undefined, '10.7.0.10')).toBe(false);
  });

  it('carry large frames whole', () => {
    expect(lab.run(one.of(10), ['ping', '-c1', '-W1', '-M', 'do', '-s', '1472', '10.7.0.20']).ok).toBe(true);
  });

  it('are mended when a part is gone', async () => {
    const { network: net } = one.endpoints.get(10)!;
    await lab.host.ip([['link', 'del', 'dev', one.names.vlan(net.id)]]);
    expect(one.ready(10)).toBe(false);
    await driverFor('transparent').ensureNetwork(net, one.context);
    await driverFor('transparent').ensureEndpoint(one.endpoints.get(10)!, one.context);
    expect(one.ready(10)).toBe(true);
    expect(lab.asks(two.of(10), '10.7.0.10')).toBe('10.7.0.20');
    expect(lab.host.programs('up0', 'ingress')).toHaveLength(2);
  });

  it('leave the uplink exactly as it was', async () => {
    await one.leave();
    await two.leave();
    expect(world()).toEqual(before);
  });
});
