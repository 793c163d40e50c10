import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId, waitFor } from '#lib/common';
import { NodeNames, type ObservedLink } from '#lib/domain';
import type { DriverContext, EndpointOf } from '../driver.js';
import { kernelView } from '../kernel-view.js';
import { attach, container, contextOn, network, published } from '../testing/fixtures.js';
import { Lab } from '../testing/lab.js';
import { natDriver } from './nat-driver.js';
import { natRules } from './rules.js';

const NODE = '192.0.2.1';
const NODE6 = '2001:db8::1';
const FOREIGN =
  'table inet skep_foreign {\n chain c {\n  type filter hook forward priority 5; policy accept;\n  accept\n }\n}\n';

const names = new NodeNames(newId());
const red = network(names, 'red', ['172.30.0.0/24', 'fd00:30::/64'], {
  options: { 'com.docker.network.driver.mtu': '1400' },
});
const blue = network(names, 'blue', ['172.31.0.0/24']);
const inner = network(names, 'inner', ['172.29.0.0/24', 'fd00:29::/64'], { internal: true });
const plain = network(names, 'plain', ['172.28.0.0/24'], {
  options: { 'com.docker.network.windowsshim.outboundnat_exceptions': '192.0.2.3/32,10.1.0.0/16,10.0.0.0/8' },
});
const strict = network(names, 'strict', ['172.27.0.0/24'], {
  options: { 'com.docker.network.bridge.enable_icc': 'false' },
});
const networks = [red, blue, inner, plain, strict];

const web = attach(
  red,
  container('web', [
    published(8080),
    published(8081, { hostIp: '127.0.0.1' }),
    published(8082, { hostIp: NODE }),
    published(5353, { protocol: 'udp', containerPort: 53 }),
    published(8083, { hostIp: NODE6 }),
  ]),
  { ipv4: '172.30.0.10', ipv6: 'fd00:30::10' },
);
const peer = attach(red, container('peer'), { ipv4: '172.30.0.11', ipv6: 'fd00:30::11' });
const other = attach(blue, container('other', [published(8090)]), { ipv4: '172.31.0.10' });
const shut = attach(inner, container('shut', [published(8091)]), { ipv4: '172.29.0.10', ipv6: 'fd00:29::10' });
const shut2 = attach(inner, container('shut2'), { ipv4: '172.29.0.11', ipv6: 'fd00:29::11' });
const open = attach(plain, container('open'), { ipv4: '172.28.0.10' });
const lone = attach(strict, container('lone', [published(8092)]), { ipv4: '172.27.0.10' });
const lone2 = attach(strict, container('lone2'), { ipv4: '172.27.0.11' });
const endpoints = [web, peer, other, shut, shut2, open, lone, lone2];

describe('nat on a real kernel', () => {
  let lab: Lab;
  let context: DriverContext;
  let before: unknown;
  const ns = (at: EndpointOf) => names.netns(at.container.id);
  const links = () => new Map<string, ObservedLink>(lab.host.links().map((link) => [link.name, link]));
  const out = () => lab.netns('out');
  const world = () => ({
    links: lab.host.links(),
    routes: lab.host.routes(),
    rules: lab.run(undefined, ['nft', '-j', 'list', 'ruleset']).out,
  });

  beforeAll(async () => {
    lab = new Lab();
    context = contextOn(lab.host, names);
    await lab.segment(['out', 'friend']);
    lab.host.nft(FOREIGN);
    before = world();
    for (const each of networks) await natDriver.ensureNetwork(each, context);
    for (const each of endpoints) {
      await lab.host.createNetns(ns(each));
      await natDriver.ensureEndpoint(each, context);
    }
    lab.host.nft(
      natRules(
        names,
        networks,
        endpoints.map((each) => each.container),
      ),
    );
    for (const netns of [...[web, peer, other, shut, lone].map(ns), out(), lab.netns('friend')]) await lab.serve(netns);
    await lab.serve(undefined, 9000);
    await lab.serveUdp(ns(web), 53);
    for (const name of ['out', 'friend']) {
      const lines = [...networks.map((each) => each.pools[0]!.subnet), 'fd00:30::/64'].map((subnet) => {
        const via = subnet.includes(':') ? NODE6 : NODE;
        return ['route', 'add', subnet, 'via', via];
      });
      await lab.host.ip(lines, lab.netns(name));
    }
  });

  afterAll(async () => {
    for (const each of endpoints) await lab.host.removeNetns(ns(each));
    await lab.close();
  });

  it('is complete as the kernel shows it', () => {
    const seen = kernelView(context);
    expect(networks.filter((each) => !natDriver.networkReady(each, seen))).toEqual([]);
    expect(endpoints.filter((each) => !natDriver.endpointReady(each, seen))).toEqual([]);
  });

  it('connects containers of one network, by IPv4 and IPv6', () => {
    expect(lab.asks(ns(peer), '172.30.0.10')).toBe('172.30.0.11');
    expect(lab.asks(ns(peer), 'fd00:30::10')).toBe('fd00:30::11');
    expect(lab.asks(ns(shut2), '172.29.0.10')).toBe('172.29.0.11');
  });

  it('separates networks from each other', () => {
    for (const [from, to] of [
      [web, '172.31.0.10'],
      [other, '172.30.0.10'],
      [web, '172.29.0.10'],
      [shut, '172.30.0.10'],
      [shut, 'fd00:30::10'],
    ] as const) {
      expect([from.container.name, to, lab.asks(ns(from), to)]).toEqual([from.container.name, to, 'unreachable']);
    }
  });

  it('masquerades what leaves', () => {
    expect(lab.asks(ns(web), '192.0.2.2')).toBe(NODE);
    expect(lab.asks(ns(other), '192.0.2.2')).toBe(NODE);
    expect(lab.asks(ns(web), '2001:db8::2')).toBe(NODE6);
  });

  it("leaves the container's own address where the network says so", () => {
    expect(lab.asks(ns(open), '192.0.2.2')).toBe(NODE);
    expect(lab.asks(ns(open), '192.0.2.3')).toBe('172.28.0.10');
  });

  it('gives internal networks no way out and no way in', () => {
    expect(lab.asks(ns(shut), '192.0.2.2')).toBe('unreachable');
    expect(lab.asks(out(), '172.29.0.10')).toBe('unreachable');
    expect(lab.asks(out(), NODE, 8091)).toBe('unreachable');
    expect(lab.asks(ns(shut), NODE, 8080)).toBe('unreachable');
    expect(lab.host.routes(ns(shut)).filter((each) => /^(0\.0\.0\.0|::)\/0$/.test(each.destination))).toEqual([]);
  });

  it('holds internal networks shut for a container with a route of its own, and for the rules of others', async () => {
    await lab.host.ip([['route', 'add', 'default', 'via', '172.29.0.1', 'dev', 'eth0']], ns(shut));
    expect(lab.asks(ns(shut), '192.0.2.2')).toBe('unreachable');
    lab.host.nft(
      'table ip skep_other {\n chain c {\n  type nat hook prerouting priority -110; policy accept;\n' +
        '  tcp dport 8099 dnat to 172.29.0.10:80\n }\n}\n',
    );
    expect(lab.asks(out(), NODE, 8099)).toBe('unreachable');
    lab.host.nft('delete table ip skep_other');
    await lab.host.ip([['route', 'del', 'default']], ns(shut));
  });

  it('leaves the address of what goes from a network into itself through the node', async () => {
    await lab.host.ip([['route', 'add', '172.30.0.10/32', 'via', '172.30.0.1', 'dev', 'eth0']], ns(peer));
    expect(lab.asks(ns(peer), '172.30.0.10')).toBe('172.30.0.11');
    await lab.host.ip([['route', 'del', '172.30.0.10/32']], ns(peer));
  });

  it('publishes to other hosts, who are seen by their own address', () => {
    expect(lab.asks(out(), NODE, 8080)).toBe('192.0.2.2');
    expect(lab.asks(out(), NODE6, 8080)).toBe('2001:db8::2');
    expect(lab.asksUdp(out(), NODE, 5353)).toBe('192.0.2.2');
  });

  it('publishes to the node, by its own address and by its loopback', () => {
    expect(lab.asks(undefined, NODE, 8080)).toBe(NODE);
    expect(lab.asks(undefined, '127.0.0.1', 8080)).toBe('172.30.0.1');
    expect(lab.asks(undefined, NODE6, 8080)).toBe(NODE6);
    expect(lab.asksUdp(undefined, '127.0.0.1', 5353)).toBe('172.30.0.1');
  });

  it('refuses ::1 at once, so that a client of localhost goes on to 127.0.0.1', () => {
    const { ok, out } = lab.run(undefined, ['busybox', 'wget', '-q', '-O', '-', 'http://[::1]:8080/']);
    expect([ok, out]).toEqual([false, expect.stringContaining('Connection refused')]);
  });

  it('publishes to containers through the node: its own network, itself, another network', () => {
    expect(lab.asks(ns(peer), NODE, 8080)).toBe('172.30.0.1');
    expect(lab.asks(ns(web), NODE, 8080)).toBe('172.30.0.1');
    expect(lab.asks(ns(web), '172.30.0.1', 8080)).toBe('172.30.0.1');
    expect(lab.asks(ns(peer), NODE6, 8080)).toBe('fd00:30::1');
    expect(lab.asks(ns(other), NODE, 8080)).not.toBe('unreachable');
    expect(lab.asks(ns(web), NODE, 8090)).not.toBe('unreachable');
  });

  it('publishes on one address of the node alone', () => {
    expect(lab.asks(undefined, '127.0.0.1', 8081)).toBe('172.30.0.1');
    expect(lab.asks(out(), NODE, 8081)).toBe('unreachable');
    expect(lab.asks(out(), NODE, 8082)).toBe('192.0.2.2');
    expect(lab.asks(undefined, '127.0.0.1', 8082)).toBe('unreachable');
    expect(lab.asks(out(), NODE6, 8083)).toBe('2001:db8::2');
    expect(lab.asks(out(), NODE, 8083)).toBe('unreachable');
  });

  it('lets the node reach a container directly, and nobody outside', () => {
    expect(lab.asks(undefined, '172.30.0.10')).toBe('172.30.0.1');
    expect(lab.asks(out(), '172.30.0.10')).toBe('unreachable');
    expect(lab.asks(out(), 'fd00:30::10')).toBe('unreachable');
    expect(lab.pings(out(), '172.30.0.10')).toBe(false);
  });

  it('keeps the loopback of the node to itself', async () => {
    await lab.host.ip([['route', 'add', '127.0.0.9/32', 'via', NODE, 'dev', 'eth0']], out());
    lab.host.sysctl('net/ipv4/conf/eth0/route_localnet', '1', { netns: out() });
    lab.host.sysctl('net/ipv4/conf/up0/route_localnet', '1');
    await lab.host.ip([['route', 'add', '127.0.0.9/32', 'via', '172.30.0.1', 'dev', 'eth0']], ns(web));
    lab.host.sysctl('net/ipv4/conf/eth0/route_localnet', '1', { netns: ns(web) });
    expect(lab.asks(undefined, '127.0.0.9', 9000)).toBe('127.0.0.1');
    expect(lab.asks(ns(web), '172.30.0.1', 9000)).toBe('172.30.0.10');
    for (const netns of [out(), ns(web)]) {
      lab.run(netns, ['ip', 'route', 'del', 'local', '127.0.0.0/8', 'table', 'local']);
      expect(lab.asks(netns, '127.0.0.9', 9000)).toBe('unreachable');
    }
    lab.host.nft(
      'table ip skep_watch {\n chain c {\n  type filter hook input priority 0; policy accept;\n' +
        '  iifname != "lo" ip saddr 127.0.0.0/8 counter\n }\n}\n',
    );
    await lab.host.ip([['addr', 'add', '127.0.0.7/32', 'dev', 'eth0']], ns(web));
    lab.run(ns(web), ['busybox', 'ping', '-c1', '-W1', '-I', '127.0.0.7', NODE]);
    expect(lab.run(undefined, ['nft', 'list', 'table', 'ip', 'skep_watch']).out).toContain('packets 0 ');
    lab.host.nft('delete table ip skep_watch');
    await lab.host.ip([['addr', 'del', '127.0.0.7/32', 'dev', 'eth0']], ns(web));
    lab.run(ns(web), ['ip', 'route', 'add', 'local', '127.0.0.0/8', 'dev', 'lo', 'table', 'local']);
  });

  it('separates containers where they may not talk to each other, and publishes them all the same', async () => {
    expect(lab.asks(ns(lone2), '172.27.0.10')).toBe('unreachable');
    // Nor by way of the node.
    for (const verb of ['add', 'del']) {
      await lab.host.ip([['route', verb, '172.27.0.10/32', 'via', '172.27.0.1', 'dev', 'eth0']], ns(lone2));
      await lab.host.ip([['route', verb, '172.27.0.11/32', 'via', '172.27.0.1', 'dev', 'eth0']], ns(lone));
      if (verb === 'add') expect(lab.asks(ns(lone2), '172.27.0.10')).toBe('unreachable');
    }
    expect(lab.asks(out(), NODE, 8092)).toBe('192.0.2.2');
    expect(lab.asks(ns(lone2), '192.0.2.2')).toBe(NODE);
  });

  it('carries the MTU to every link of the network', () => {
    const seen = links();
    expect(seen.get(red.linkName)?.mtu).toBe(1400);
    expect(seen.get(names.veth(web.container.id, red.id))?.mtu).toBe(1400);
    expect(lab.host.links(ns(web)).find((link) => link.name === 'eth0')?.mtu).toBe(1400);
    expect(seen.get(blue.linkName)?.mtu).toBe(1500);
  });

  it('changes nothing when all is there', async () => {
    const seen = world();
    for (const each of networks) await natDriver.ensureNetwork(each, context);
    for (const each of endpoints) await natDriver.ensureEndpoint(each, context);
    expect(world()).toEqual(seen);
  });

  it('mends a veth that somebody deleted', async () => {
    const veth = names.veth(web.container.id, red.id);
    await lab.host.ip([['link', 'del', 'dev', veth]]);
    expect(natDriver.endpointReady(web, kernelView(context))).toBe(false);
    await natDriver.ensureEndpoint(web, context);
    await lab.carriers();
    expect(natDriver.endpointReady(web, kernelView(context))).toBe(true);
    // The kernel takes a moment until a new port of the bridge forwards.
    await waitFor(() => lab.asks(out(), NODE, 8080) === '192.0.2.2', { ms: 5000, what: 'the new veth forwards' });
    expect(lab.asks(ns(web), '2001:db8::2')).toBe(NODE6);
  });

  it('mends a port that was taken off its bridge, without a new pair', async () => {
    const veth = names.veth(web.container.id, red.id);
    const { index } = links().get(veth)!;
    await lab.host.ip([['link', 'set', 'dev', veth, 'nomaster', 'down']]);
    expect(natDriver.endpointReady(web, kernelView(context))).toBe(false);
    await natDriver.ensureEndpoint(web, context);
    await lab.carriers();
    expect(links().get(veth)).toMatchObject({ index, up: true, master: red.linkName });
    expect(lab.asks(ns(peer), '172.30.0.10')).toBe('172.30.0.11');
  });

  it('mends a bridge that lost its addresses or went down', async () => {
    await lab.host.ip([
      ['addr', 'del', '172.30.0.1/24', 'dev', red.linkName],
      ['link', 'set', 'dev', red.linkName, 'down'],
    ]);
    expect(natDriver.networkReady(red, kernelView(context))).toBe(false);
    await natDriver.ensureNetwork(red, context);
    await lab.carriers();
    expect(natDriver.networkReady(red, kernelView(context))).toBe(true);
    expect(lab.asks(ns(web), '192.0.2.2')).toBe(NODE);
    expect(lab.asks(ns(web), '2001:db8::2')).toBe(NODE6);
  });

  it('moves the default route between two networks of a container', async () => {
    const second = attach(blue, web.container, { ipv4: '172.31.0.20', ifName: 'eth1' });
    second.defaultRoute = { ipv4: true, ipv6: false };
    await natDriver.ensureEndpoint(second, context);
    await natDriver.ensureEndpoint({ ...web, defaultRoute: { ipv4: false, ipv6: true } }, context);
    await lab.carriers();
    const gateways = () => lab.host.routes(ns(web)).filter((each) => each.destination.endsWith('/0'));
    expect(gateways()).toEqual([
      { destination: '0.0.0.0/0', gateway: '172.31.0.1', link: 'eth1', maker: 83 },
      { destination: '::/0', gateway: 'fd00:30::1', link: 'eth0', maker: 83 },
    ]);
    await waitFor(() => lab.asks(ns(web), '192.0.2.2') === NODE, { ms: 5000, what: 'the other network leads out' });
    await natDriver.removeEndpoint(second, context);
    await natDriver.ensureEndpoint(web, context);
    await lab.carriers();
    expect(gateways()).toContainEqual({ destination: '0.0.0.0/0', gateway: '172.30.0.1', link: 'eth0', maker: 83 });
    web.container.endpoints.pop();
  });

  it('refuses a link that is something else', async () => {
    const taken = network(names, 'taken', ['172.26.0.0/24'], { linkName: 'up0' });
    await expect(natDriver.ensureNetwork(taken, context)).rejects.toThrow(
      'network taken: the link up0 exists and is no bridge (veth)',
    );
    await natDriver.removeNetwork(taken, context);
    expect(links().has('up0')).toBe(true);
  });

  it('leaves nothing behind, and the tables of others alone', async () => {
    for (const each of endpoints) {
      await natDriver.removeEndpoint(each, context);
      await natDriver.removeEndpoint(each, context);
    }
    for (const each of networks) {
      await natDriver.removeNetwork(each, context);
      await natDriver.removeNetwork(each, context);
    }
    lab.host.nft(`delete table inet ${names.nftTable}`);
    expect(world()).toEqual(before);
  });
});
