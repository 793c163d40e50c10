import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import type { Network } from '#lib/domain';
import type { DriverContext, EndpointOf } from '../driver.js';
import { driverFor } from '../registry.js';
import { dyingHost, Killed } from '../testing/dying-host.js';
import { contextOn } from '../testing/fixtures.js';
import { Lab } from '../testing/lab.js';
import { SegmentNode } from '../testing/segment-node.js';
import { cableOf } from './cable.js';

const UDP = 53;

describe.each(['l2bridge', 'l2tunnel'] as const)('%s on a real kernel', (driver) => {
  let lab: Lab;
  let node: SegmentNode;
  let other: SegmentNode;
  let lan: Network;
  let web: EndpointOf;
  let peer: EndpointOf;
  let far: EndpointOf;
  let before: unknown;
  let lost: number;
  const ns = (at: EndpointOf, of = node) => of.names.netns(at.container.id);
  const wire = () => lab.netns('wire');

  const applied = async () => {
    node.apply();
    await lab.carriers();
  };

  const said = (...argv: string[]) => lab.run(undefined, argv).out;
  /** What ip says, without an order that has no meaning. */
  const listed = (...argv: string[]) =>
    said(...argv)
      .split('\n')
      // What `ip` says of a namespace that somebody else removes at this moment.
      .filter((line) => line !== 'Error: Peer netns reference is invalid.')
      .map((line) => line.trim().replace(/ (?:(?:gso|gro|tso)_\S+|\S*timer) +[\d.]+/g, ''))
      .sort();
  /** Everything that a create and a remove must leave as it was. */
  const world = () => ({
    links: listed('ip', '-d', '-o', 'link'),
    addresses: listed('ip', '-o', 'addr'),
    routes: [...listed('ip', 'route', 'show', 'table', 'all'), ...listed('ip', '-6', 'route', 'show', 'table', 'all')],
    rules: [...listed('ip', 'rule'), ...listed('nft', 'list', 'ruleset')],
    groups: listed('ip', '-o', 'maddr'),
    tc: [...listed('tc', 'qdisc'), ...listed('tc', 'filter', 'show', 'dev', 'up0', 'ingress')],
    neighbours: listed('ip', 'neigh').filter((each) => /^(192\.0\.2\.|2001:db8::)[2-9]\d /.test(each)),
  });

  beforeAll(async () => {
    lab = new Lab();
    await lab.segment(['out', 'second']);
    // Tunnelled frames come back by the port they went in by.
    const hairpin = ['type', 'bridge_slave', 'hairpin', driver === 'l2tunnel' ? 'on' : 'off'];
    await lab.host.ip(
      ['node', 'second'].map((port) => ['link', 'set', 'dev', port, ...hairpin]),
      wire(),
    );
    node = new SegmentNode(lab.host, driver, 'up0');
    other = new SegmentNode(lab.hostOf('second'), driver, 'eth0');
    expect(lab.pings(lab.netns('out'), '192.0.2.1')).toBe(true);
    before = world();
    const unwatch = lab.watch(lab.netns('out'), '192.0.2.1');
    lan = await node.network();
    web = await node.endpoint(lan, 'web', 20);
    peer = await node.endpoint(lan, 'peer', 21);
    await applied();
    lost = await unwatch();
    far = await other.endpoint(await other.network(), 'far', 30);
    other.apply();
    for (const netns of [ns(web), ns(peer), ns(far, other), lab.netns('out'), undefined]) {
      await lab.serve(netns);
      await lab.serveUdp(netns, UDP);
    }
  });

  afterAll(async () => {
    await other.remove([far]);
    await lab.close();
  });

  it('lets the node keep its connection while the network is made', () => {
    expect(lost).toBe(0);
  });

  it('is complete as the kernel shows it', () => {
    expect([node.ready(lan), driverFor(driver).endpointReady(web, node.view())]).toEqual([true, true]);
  });

  const hosts = () => ({
    web: { netns: ns(web), v4: '192.0.2.20', v6: '2001:db8::20' },
    'same node': { netns: ns(peer), v4: '192.0.2.21', v6: '2001:db8::21' },
    'other node': { netns: ns(far, other), v4: '192.0.2.30', v6: '2001:db8::30' },
    outside: { netns: lab.netns('out'), v4: '192.0.2.2', v6: '2001:db8::2' },
    node: { netns: undefined, v4: '192.0.2.1', v6: '2001:db8::1' },
  });
  const directions = ['same node', 'other node', 'outside', 'node'].flatMap((name) => [
    ['web', name],
    [name, 'web'],
  ]) as [keyof ReturnType<typeof hosts>, keyof ReturnType<typeof hosts>][];

  it.each(directions)('connects %s to %s directly: TCP, UDP, ICMP, by IPv4 and IPv6', (from, to) => {
    const [a, b] = [hosts()[from], hosts()[to]];
    for (const family of ['v4', 'v6'] as const) {
      expect([
        lab.asks(a.netns, b[family]),
        lab.asksUdp(a.netns, b[family], UDP),
        lab.pings(a.netns, b[family]),
      ]).toEqual([a[family], a[family], true]);
    }
  });

  it("shows the wire the node's MAC alone, also inside ARP and neighbour discovery", async () => {
    const { holds, lines } = await lab.capture(wire(), 'node', () => {
      for (const netns of [ns(web), ns(peer)]) {
        lab.run(netns, ['ip', 'neigh', 'flush', 'all']);
        for (const { v4, v6 } of Object.values(hosts()))
          expect([lab.pings(netns, v4), lab.pings(netns, v6)]).toEqual([true, true]);
        // What asks for attention by itself.
        lab.run(netns, ['busybox', 'arping', '-c', '1', '-U', '-I', 'eth0', '192.0.2.20']);
        lab.run(netns, ['busybox', 'ping6', '-c', '1', '-W', '1', '-I', 'eth0', 'ff02::1']);
      }
      lab.run(lab.netns('out'), ['ip', 'neigh', 'flush', 'all']);
      for (const [address] of [['192.0.2.20'], ['2001:db8::20']] as const)
        expect(lab.pings(lab.netns('out'), address)).toBe(true);
    });
    const mac = lab.host.links().find(({ name }) => name === 'up0')!.mac;
    expect([web, peer].map((at) => holds(at.endpoint.mac))).toEqual([false, false]);
    expect(lines(`arp and ether src ${mac}`).length).toBeGreaterThan(2);
    expect(lines(`icmp6[icmp6type] == 135 and ether src ${mac}`).length).toBeGreaterThan(0);
    expect(lines(`icmp6[icmp6type] == 136 and ether src ${mac}`).length).toBeGreaterThan(0);
  });

  it(
    driver === 'l2tunnel'
      ? 'sends what goes to a container of the same node by the switch'
      : 'keeps what goes to a container of the same node',
    async () => {
      expect(lab.pings(ns(web), '192.0.2.21')).toBe(true);
      const { lines } = await lab.capture(wire(), 'node', () => lab.pings(ns(web), '192.0.2.21'));
      const times = (filter: string) => lines(filter).length;
      const [there, back] = ['src 192.0.2.20 and dst 192.0.2.21', 'src 192.0.2.21 and dst 192.0.2.20'].map((each) =>
        times(`icmp and ${each}`),
      );
      // Out and in again, each way.
      expect([there, back]).toEqual(driver === 'l2tunnel' ? [2, 2] : [0, 0]);
    },
  );

  it("lets nothing out under an address or a MAC that is not the container's, nor questions to a DHCP server", async () => {
    await lab.host.ip([['addr', 'add', '192.0.2.99/24', 'dev', 'eth0']], ns(web));
    const { lines, holds } = await lab.capture(wire(), 'node', () => {
      lab.run(ns(web), ['busybox', 'ping', '-c', '1', '-W', '1', '-I', '192.0.2.99', '192.0.2.2']);
      lab.run(ns(web), ['busybox', 'udhcpc', '-i', 'eth0', '-n', '-q', '-t', '1', '-T', '1', '-s', '/bin/true']);
      lab.run(ns(web), ['busybox', 'arping', '-c', '1', '-U', '-I', 'eth0', '-s', '192.0.2.1', '192.0.2.1']);
    });
    expect([lines('src 192.0.2.99'), lines('udp port 67'), holds(web.endpoint.mac)]).toEqual([[], [], false]);
    expect(lines('arp src 192.0.2.1 and arp dst 192.0.2.1')).toEqual([]);
    await lab.host.ip([['addr', 'del', '192.0.2.99/24', 'dev', 'eth0']], ns(web));
  });

  it("lets no container send as its neighbour, with the neighbour's MAC either", async () => {
    const neighbour = ['192.0.2.21', '2001:db8::21'];
    await lab.host.ip(
      [
        ['addr', 'add', `${neighbour[0]}/32`, 'dev', 'lo'],
        ['addr', 'add', `${neighbour[1]}/128`, 'dev', 'lo', 'nodad'],
      ],
      ns(web),
    );
    const own = web.endpoint.mac;
    for (const mac of [own, peer.endpoint.mac]) {
      lab.run(ns(web), ['ip', 'link', 'set', 'eth0', 'address', mac]);
      const { lines } = await lab.capture(wire(), 'node', () => {
        for (const [n, to] of ['192.0.2.2', '2001:db8::2'].entries()) {
          lab.run(ns(web), ['ping', '-c', '1', '-W', '1', '-I', neighbour[n]!, to]);
        }
        lab.run(ns(web), ['busybox', 'arping', '-c', '1', '-U', '-I', 'eth0', '-s', neighbour[0]!, neighbour[0]!]);
      });
      expect(lines(`arp or ip or ip6`).filter((line) => neighbour.some((each) => line.includes(each)))).toEqual([]);
    }
    lab.run(ns(web), ['ip', 'link', 'set', 'eth0', 'address', own]);
    await lab.host.ip(
      [
        ['addr', 'del', `${neighbour[0]}/32`, 'dev', 'lo'],
        ['addr', 'del', `${neighbour[1]}/128`, 'dev', 'lo'],
      ],
      ns(web),
    );
    await waitFor(() => lab.pings(ns(web), '192.0.2.2'), { ms: 5000, what: 'the container is itself again' });
  });

  it('changes nothing when all is there', async () => {
    const seen = world();
    await driverFor(driver).ensureNetwork(lan, node.context);
    await driverFor(driver).ensureEndpoint(web, node.context);
    expect(world()).toEqual(seen);
  });

  it('is complete again when the uplink went down and came up, and sets one up that somebody set down', async () => {
    const set = (state: 'up' | 'down') => lab.host.ip([['link', 'set', 'dev', 'up0', state]]);
    await set('down');
    expect([lab.pings(ns(web), '192.0.2.2'), node.ready(lan)]).toEqual([false, false]);
    await set('up');
    expect(node.ready(lan)).toBe(true);
    await set('down');
    await driverFor(driver).ensureNetwork(lan, node.context);
    expect(node.ready(lan)).toBe(true);
    await lab.host.ip([['addr', 'replace', '2001:db8::1/64', 'dev', 'up0', 'nodad']]);
    // The switch takes up its port some time after the link has come up.
    const whole = () => lab.pings(ns(web), '192.0.2.2') && lab.pings(lab.netns('out'), '2001:db8::20');
    await waitFor(whole, { ms: 5000, what: 'the network carries frames again' });
  });

  it.each([
    ['bridge', () => lan.linkName],
    ['cable', () => cableOf(lan, node.names)!.wire],
    ['ear', () => cableOf(lan, node.names)!.ear],
  ])('mends a %s that somebody deleted', async (_, link) => {
    await lab.host.ip([['link', 'del', 'dev', link()]]);
    expect(node.ready(lan)).toBe(false);
    await driverFor(driver).ensureNetwork(lan, node.context);
    for (const each of [web, peer]) {
      if (!driverFor(driver).endpointReady(each, node.view()))
        await driverFor(driver).ensureEndpoint(each, node.context);
    }
    await applied();
    expect(node.ready(lan)).toBe(true);
    // The kernel switches a port on some time after its link came up, and a lost SYN is sent again after a second.
    const answers = (netns: string, to: string) => lab.asks(netns, to) !== 'unreachable';
    const whole = () => answers(ns(web), '192.0.2.2') && answers(lab.netns('out'), '2001:db8::21');
    await waitFor(whole, { ms: 5000, what: 'the network carries frames again' });
  });

  it("follows the uplink's MAC", async () => {
    const fromMac = lab.host.links().find(({ name }) => name === 'up0')!.mac;
    await lab.host.ip([['link', 'set', 'dev', 'up0', 'address', '52:54:00:aa:bb:cc']]);
    expect(node.ready(lan)).toBe(false);
    await driverFor(driver).ensureNetwork(lan, node.context);
    for (const each of [web, peer]) await driverFor(driver).ensureEndpoint(each, node.context);
    await applied();
    lab.run(lab.netns('out'), ['ip', 'neigh', 'flush', 'all']);
    expect([lab.pings(ns(web), '192.0.2.2'), lab.pings(ns(web), '2001:db8::2')]).toEqual([true, true]);
    await lab.host.ip([['link', 'set', 'dev', 'up0', 'address', fromMac]]);
    await driverFor(driver).ensureNetwork(lan, node.context);
    for (const each of [web, peer]) await driverFor(driver).ensureEndpoint(each, node.context);
    await applied();
  });

  it('says what is wrong while the uplink is away', async () => {
    await lab.host.ip([
      ['link', 'set', 'dev', 'up0', 'down'],
      ['link', 'set', 'dev', 'up0', 'name', 'up9'],
    ]);
    expect(node.ready(lan)).toBe(false);
    await expect(driverFor(driver).ensureNetwork(lan, node.context)).rejects.toThrow(
      'network lan: interface up0 is gone',
    );
    await lab.host.ip([
      ['link', 'set', 'dev', 'up9', 'name', 'up0'],
      ['link', 'set', 'dev', 'up0', 'up'],
      ['addr', 'replace', '2001:db8::1/64', 'dev', 'up0', 'nodad'],
    ]);
    await driverFor(driver).ensureNetwork(lan, node.context);
    await applied();
    expect(lab.pings(ns(web), '2001:db8::2')).toBe(true);
  });

  it('leaves nothing behind', async () => {
    const unwatch = lab.watch(lab.netns('out'), '192.0.2.1');
    await node.remove([web, peer]);
    expect(await unwatch()).toBe(0);
    expect(world()).toEqual(before);
  });

  it('is completed, and taken away, after a death at every line', async () => {
    const dies = async (work: (context: DriverContext) => Promise<void>, effects: number) => {
      try {
        await work(contextOn(dyingHost(lab.host, effects), node.names));
        return false;
      } catch (error) {
        if (error instanceof Killed) return true;
        throw error;
      }
    };
    const strict = driverFor(driver);
    const made = await node.network();
    let deaths = 0;
    for (; ; deaths++) {
      await strict.removeNetwork(made, node.context);
      const died = await dies((context) => strict.ensureNetwork(made, context), deaths);
      await strict.ensureNetwork(made, node.context);
      expect([deaths, node.ready(made)]).toEqual([deaths, true]);
      if (!died) break;
    }
    expect(deaths).toBeGreaterThan(8);
    for (let effects = 0; ; effects++) {
      await strict.ensureNetwork(made, node.context);
      const died = await dies((context) => strict.removeNetwork(made, context), effects);
      await strict.removeNetwork(made, node.context);
      expect(world()).toEqual(before);
      if (!died) break;
    }
    node.networks.length = 0;
  });
});
