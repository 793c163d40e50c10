import { beforeEach, describe, expect, it } from 'vitest';
import { newId } from '#lib/common';
import { NodeNames, type Network } from '#lib/domain';
import { FakeHost } from '#lib/host';
import type { DriverContext, EndpointOf } from '../driver.js';
import { kernelView } from '../kernel-view.js';
import { attach, changed, container, contextOn, network } from '../testing/fixtures.js';
import { natDriver } from './nat-driver.js';

const names = new NodeNames(newId());
const net = network(names, 'net', ['172.30.0.0/24', 'fd00:30::/64']);

describe('the nat driver', () => {
  let host: FakeHost;
  let context: DriverContext;
  let at: EndpointOf;
  let netns: string;

  beforeEach(async () => {
    host = new FakeHost();
    context = contextOn(host, names);
    at = attach(net, container('web'), { ipv4: '172.30.0.10', ipv6: 'fd00:30::10' });
    netns = names.netns(at.container.id);
    await host.createNetns(netns);
    await natDriver.ensureNetwork(net, context);
  });

  it('makes an endpoint in two batches, in its final state before it is up', async () => {
    const before = host.ran.length;
    await natDriver.ensureEndpoint(at, context);
    const lines = host.ran.slice(before);
    expect(lines.map((each) => each.netns ?? 'node')).toEqual(['node', 'node', netns, netns, netns, netns, netns]);
    expect(lines.map((each) => each.line).slice(2)).toEqual([
      'addr replace 172.30.0.10/24 dev eth0',
      'addr replace fd00:30::10/64 dev eth0 nodad',
      'link set dev eth0 up',
      'route replace default via 172.30.0.1 dev eth0 proto 83',
      'route replace default via fd00:30::1 dev eth0 proto 83',
    ]);
    expect(natDriver.endpointReady(at, kernelView(context))).toBe(true);
  });

  it('runs nothing for an endpoint that is complete', async () => {
    await natDriver.ensureEndpoint(at, context);
    const before = host.ran.length;
    await natDriver.ensureEndpoint(at, context);
    expect(host.ran.slice(before)).toEqual([]);
  });

  it('announces what is new and nothing else', async () => {
    const word = { link: 'eth0', netns };
    await natDriver.ensureEndpoint(at, context);
    await natDriver.ensureEndpoint(at, context);
    expect(host.announced).toEqual([word]);
    await natDriver.ensureEndpoint({ ...at, endpoint: { ...at.endpoint, ipv4: '172.30.0.99' } }, context);
    expect(host.announced).toEqual([word, word]);
  });

  it('replaces a link in the way, and leaves addresses and a default route that others have chosen', async () => {
    await host.ip([['link', 'add', 'name', 'eth0', 'type', 'bridge']], netns);
    await natDriver.ensureEndpoint(at, context);
    expect(host.links(netns).find((link) => link.name === 'eth0')).toMatchObject({
      kind: 'veth',
      mac: at.endpoint.mac,
    });
    const chosen = ['addr add 172.30.0.99/32 dev eth0', 'route replace default via 172.30.0.99 dev eth0'];
    await host.ip(
      chosen.map((line) => line.split(' ')),
      netns,
    );
    const before = host.ran.length;
    expect(natDriver.insideReady(at, kernelView(context))).toBe(true);
    await natDriver.ensureEndpoint(at, context);
    expect(host.ran.slice(before)).toEqual([]);
  });

  it.each([
    ['its link is down', 'link set dev eth0 down'],
    ['an address is gone', 'addr del fd00:30::10/64 dev eth0'],
    ['the default route is gone', 'route del default via 172.30.0.1 dev eth0'],
  ])('sees that %s inside, and mends it', async (_what, line) => {
    await natDriver.ensureEndpoint(at, context);
    const whole = [host.links(netns), host.routes(netns)];
    expect(natDriver.insideReady(at, kernelView(context))).toBe(true);
    await host.ip([line.split(' ')], netns);
    expect(natDriver.insideReady(at, kernelView(context))).toBe(false);
    await natDriver.ensureEndpoint(at, context);
    const sorted = (each: readonly unknown[]) => each.map((one) => JSON.stringify(one)).sort();
    expect(sorted(host.routes(netns))).toEqual(sorted(whole[1]!));
    expect(natDriver.insideReady(at, kernelView(context))).toBe(true);
  });

  it("replaces an address that was the endpoint's, where somebody else gives them", async () => {
    const overlay = { vni: 4097, local: '192.0.2.1', port: 4789, peers: [] };
    const given = { ...at, network: { ...at.network, overlay } as unknown as Network };
    await natDriver.ensureEndpoint(given, context);
    await natDriver.ensureEndpoint({ ...given, endpoint: { ...at.endpoint, ipv4: '172.30.0.98' } }, context);
    expect(host.links(netns).find((link) => link.name === 'eth0')?.addresses).toEqual([
      'fd00:30::10/64',
      '172.30.0.98/24',
    ]);
  });

  it('gives it link-local addresses and sysctls of its own, beside the leased ones', async () => {
    const linkLocal = ['169.254.3.4', 'fe80::77'];
    const own = { ...at, endpoint: { ...at.endpoint, linkLocal, sysctls: { 'ipv4/conf/IFNAME/log_martians': '1' } } };
    await natDriver.ensureEndpoint(own, context);
    expect(host.links(netns).find((link) => link.name === 'eth0')?.addresses).toEqual([
      '172.30.0.10/24',
      '169.254.3.4/16',
      'fd00:30::10/64',
      'fe80::77/64',
    ]);
    expect(host.readSysctl('net/ipv4/conf/eth0/log_martians', netns)).toBe('1');
    const before = host.ran.length;
    await natDriver.ensureEndpoint(own, context);
    expect(host.ran.slice(before)).toEqual([]);
  });

  it('switches IPv6 off where the network has none', async () => {
    const v4 = network(names, 'v4', ['172.31.0.0/24']);
    await natDriver.ensureNetwork(v4, context);
    await natDriver.ensureEndpoint(attach(v4, at.container, { ipv4: '172.31.0.2', ifName: 'eth1' }), context);
    expect(host.readSysctl('net/ipv6/conf/eth1/disable_ipv6', netns)).toBe('1');
    expect(host.readSysctl(`net/ipv6/conf/${v4.linkName}/disable_ipv6`)).toBe('1');
    expect(host.readSysctl(`net/ipv6/conf/${net.linkName}/disable_ipv6`)).toBe('0');
  });

  it('keeps router advertisements of links that listened to them before it turns forwarding on', async () => {
    const fresh = new FakeHost();
    await fresh.ip([
      ['link', 'add', 'name', 'up0', 'type', 'bridge'],
      ['link', 'add', 'name', 'up1', 'type', 'bridge'],
    ]);
    fresh.sysctl('net/ipv6/conf/up1/accept_ra', '0');
    await natDriver.ensureNetwork(net, contextOn(fresh, names));
    expect(['up0', 'up1', net.linkName].map((each) => fresh.readSysctl(`net/ipv6/conf/${each}/accept_ra`))).toEqual([
      '2',
      '0',
      '0',
    ]);
    expect(fresh.readSysctl('net/ipv6/conf/all/forwarding')).toBe('1');
  });

  it('gives an endpoint without the default route none', async () => {
    await natDriver.ensureEndpoint({ ...at, defaultRoute: { ipv4: false, ipv6: false } }, context);
    expect(host.routes(netns).filter((each) => each.destination.endsWith('/0'))).toEqual([]);
  });

  it.each([
    ['is absent', undefined],
    ['is down', { up: false }],
    ['is on another bridge', { master: 'other' }],
    ['is of another kind', { kind: 'macvlan' }],
  ])('an endpoint is not ready whose link %s', async (_, change) => {
    await natDriver.ensureEndpoint(at, context);
    const veth = names.veth(at.container.id, net.id);
    expect(natDriver.endpointReady(at, changed(kernelView(context), veth, change))).toBe(false);
  });

  it.each([
    ['is absent', undefined],
    ['is down', { up: false }],
    ['lacks a gateway address', { addresses: ['172.30.0.1/24'] }],
    ['is no bridge', { kind: 'veth' }],
  ])('a network is not ready whose link %s', (_, change) => {
    const view = kernelView(context);
    expect(natDriver.networkReady(net, view)).toBe(true);
    expect(natDriver.networkReady(net, changed(view, net.linkName, change))).toBe(false);
  });

  it('removes what is there and nothing else, any number of times', async () => {
    await natDriver.ensureEndpoint(at, context);
    for (let round = 0; round < 2; round++) {
      await natDriver.removeEndpoint(at, context);
      await natDriver.removeNetwork(net, context);
    }
    expect(host.links().map((link) => link.name)).toEqual(['lo']);
    expect(host.links(netns).map((link) => link.name)).toEqual(['lo']);
  });
});
