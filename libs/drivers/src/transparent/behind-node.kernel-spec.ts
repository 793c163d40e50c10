import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '#lib/common';
import { NodeNames } from '#lib/domain';
import type { DriverContext, EndpointOf } from '../driver.js';
import { kernelView } from '../kernel-view.js';
import { driverFor } from '../registry.js';
import { RULE_SOURCES } from '../rule-sources.js';
import { attach, container, contextOn, network } from '../testing/fixtures.js';
import { Lab } from '../testing/lab.js';

const NODE = '192.0.2.1';
const OUT = '192.0.2.2';

const names = new NodeNames(newId());
const lan = network(names, 'lan', [], {
  driver: 'transparent',
  uplink: 'up0',
  enableIPv6: true,
  pools: [
    { subnet: '192.0.2.0/24', gateway: OUT },
    { subnet: '2001:db8::/64', gateway: '2001:db8::2' },
  ],
});
const inner = network(names, 'inner', ['172.30.0.0/24', 'fd00:30::/64']);
const web = attach(lan, container('web'), { ipv4: '192.0.2.10', ipv6: '2001:db8::10' });
const proxy = attach(inner, container('proxy'), { ipv4: '172.30.0.10', ipv6: 'fd00:30::10' });
const nat = RULE_SOURCES.find(({ family }) => family === 'inet')!;

describe('a node with an interface for management, and a transparent network on another', () => {
  let lab: Lab;
  let node: DriverContext;
  const ns = (at: EndpointOf) => names.netns(at.container.id);
  const input = () => {
    const containers = [web, proxy].map((at) => at.container);
    const { links } = kernelView(node);
    return { names, networks: [lan, inner], containers, attached: containers, services: [], links };
  };

  beforeAll(async () => {
    lab = new Lab();
    await lab.host.ip([
      ['link', 'add', 'name', 'mg0', 'type', 'bridge'],
      ['addr', 'add', '10.1.1.5/24', 'dev', 'mg0'],
      ['link', 'set', 'mg0', 'up'],
    ]);
    await lab.segment(['out']);
    node = contextOn(lab.host, names);
    for (const at of [web, proxy]) {
      await driverFor(at.network.driver).ensureNetwork(at.network, node);
      await lab.host.createNetns(ns(at));
      await driverFor(at.network.driver).ensureEndpoint(at, node);
    }
    lab.host.nft(nat.rules(input()));
    await lab.carriers();
    await lab.serve(ns(web));
    await lab.serveUdp(ns(web), 53);
    await lab.serve(lab.netns('out'));
  });

  afterAll(async () => {
    for (const at of [web, proxy]) await lab.host.removeNetns(ns(at));
    await lab.close();
  });

  it('is seen by its address on the segment, also for containers behind it', () => {
    expect(lab.asks(undefined, '192.0.2.10')).toBe(NODE);
    expect(lab.asks(ns(proxy), '192.0.2.10')).toBe(NODE);
    expect(lab.asksUdp(ns(proxy), '192.0.2.10', 53)).toBe(NODE);
    expect(lab.asks(ns(proxy), '2001:db8::10')).toBe('2001:db8::1');
  });

  it('masquerades what leaves by its interfaces themselves', () => {
    expect(lab.asks(ns(proxy), OUT)).toBe(NODE);
    expect(lab.asks(ns(proxy), '2001:db8::2')).toBe('2001:db8::1');
  });

  it('is seen by its new address when that changes', async () => {
    const before = nat.anchors(input());
    await lab.host.ip([
      ['addr', 'del', `${NODE}/24`, 'dev', 'up0'],
      ['addr', 'add', '192.0.2.77/24', 'dev', 'up0'],
    ]);
    await driverFor('transparent').ensureEndpoint(web, node);
    expect(nat.anchors(input())).not.toBe(before);
    lab.host.nft(nat.rules(input()));
    expect(lab.asks(ns(proxy), '192.0.2.10')).toBe('192.0.2.77');
  });
});
