import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId, waitFor } from '#lib/common';
import { NodeNames, type Network } from '#lib/domain';
import type { DriverContext, EndpointOf } from '../driver.js';
import { kernelView } from '../kernel-view.js';
import { attach, container, contextOn, network } from '../testing/fixtures.js';
import { Lab } from '../testing/lab.js';
import { transparentDriver } from './transparent-driver.js';

const SUBNETS = ['192.0.2.0/24', '2001:db8::/64'];
const NODE = '192.0.2.1';
const NODE6 = '2001:db8::1';
const OUT = '192.0.2.2';
const OUT6 = '2001:db8::2';
const NAME = 'lan-visible';

const names = new NodeNames(newId());
const names2 = new NodeNames(newId());
const lan = (of: NodeNames, more: Partial<Network> = {}) => ({
  ...network(of, 'lan', SUBNETS, { driver: 'transparent', uplink: 'up0', ...more }),
  pools: [
    { subnet: SUBNETS[0]!, gateway: OUT },
    { subnet: SUBNETS[1]!, gateway: OUT6 },
  ],
});

describe('transparent on a real kernel', () => {
  let lab: Lab;
  let node: DriverContext;
  let second: DriverContext;
  let before: unknown;
  const here = lan(names, { linkName: NAME });
  const there = lan(names2, { uplink: 'eth0' });
  const web = attach(here, container('web'), { ipv4: '192.0.2.10', ipv6: '2001:db8::10' });
  const peer = attach(here, container('peer'), { ipv4: '192.0.2.11', ipv6: '2001:db8::11' });
  const far = attach(there, container('far'), { ipv4: '192.0.2.12', ipv6: '2001:db8::12' });
  const ns = (at: EndpointOf) => (at === far ? names2 : names).netns(at.container.id);
  const contextOf = (at: EndpointOf) => (at === far ? second : node);
  const out = () => lab.netns('out');
  const json = (...words: string[]) => JSON.parse(lab.run(undefined, ['ip', '-j', ...words]).out || '[]') as unknown;
  const world = () => ({
    links: lab.host.links(),
    routes: [json('-4', 'route', 'show', 'table', 'all'), json('-6', 'route', 'show', 'table', 'all')],
    rules: lab.run(undefined, ['nft', '-j', 'list', 'ruleset']).out,
    neighbours: (json('neigh', 'show', 'nud', 'permanent') as unknown[]).length,
    qdiscs: lab.run(undefined, ['tc', 'qdisc', 'show']).out,
  });

  beforeAll(async () => {
    lab = new Lab();
    await lab.segment(['out', 'second']);
    node = contextOn(lab.host, names);
    second = contextOn(lab.hostOf('second'), names2);
    before = world();
    await transparentDriver.ensureNetwork(here, node);
    await transparentDriver.ensureNetwork(there, second);
    for (const at of [web, peer, far]) {
      await lab.host.createNetns(ns(at));
      await transparentDriver.ensureEndpoint(at, contextOf(at));
      await lab.serve(ns(at));
    }
    await lab.serve(out());
    await lab.serve(undefined);
    await lab.serve(lab.netns('second'));
  });

  afterAll(async () => {
    for (const at of [web, peer, far]) await lab.host.removeNetns(ns(at));
    await lab.close();
  });

  it('is complete as the kernel shows it, under the name that was asked for', () => {
    expect(transparentDriver.networkReady(here, kernelView(node))).toBe(true);
    expect(transparentDriver.networkReady(there, kernelView(second))).toBe(true);
    expect([web, peer, far].map((at) => transparentDriver.endpointReady(at, kernelView(contextOf(at))))).toEqual([
      true,
      true,
      true,
    ]);
    expect(lab.host.links().find(({ name }) => name === NAME)).toMatchObject({ kind: 'macvlan', up: true });
    expect(lab.host.links(ns(web)).find(({ name }) => name === 'eth0')).toMatchObject({
      kind: 'macvlan',
      mac: web.endpoint.mac,
      addresses: expect.arrayContaining(['192.0.2.10/24', '2001:db8::10/64']),
    });
    expect(lab.host.routes(ns(web))).toContainEqual({
      destination: '0.0.0.0/0',
      gateway: OUT,
      link: 'eth0',
      maker: 83,
    });
  });

  it.each([
    ['container to container, one node', () => ns(web), '192.0.2.11', '2001:db8::11', '192.0.2.10', '2001:db8::10'],
    ['container to container, two nodes', () => ns(web), '192.0.2.12', '2001:db8::12', '192.0.2.10', '2001:db8::10'],
    ['container to outside', () => ns(web), OUT, OUT6, '192.0.2.10', '2001:db8::10'],
    ['outside to container', () => out(), '192.0.2.10', '2001:db8::10', OUT, OUT6],
    ['node to its container', () => undefined, '192.0.2.10', '2001:db8::10', NODE, NODE6],
    ['container to its node', () => ns(web), NODE, NODE6, '192.0.2.10', '2001:db8::10'],
    ['node to a container of another node', () => undefined, '192.0.2.12', '2001:db8::12', NODE, NODE6],
    ['container to another node', () => ns(web), '192.0.2.3', '2001:db8::3', '192.0.2.10', '2001:db8::10'],
  ])('connects %s, each with its own address', (_, from, to4, to6, as4, as6) => {
    expect([lab.asks(from(), to4), lab.asks(from(), to6)]).toEqual([as4, as6]);
    expect([lab.pings(from(), to4), lab.pings(from(), to6)]).toEqual([true, true]);
  });

  it("shows the container's own MAC on the wire, and the node's for the node alone", async () => {
    const { lines } = await lab.capture(out(), 'eth0', () => {
      lab.run(out(), ['ip', 'neigh', 'flush', 'all']);
      lab.pings(out(), '192.0.2.10');
      lab.pings(out(), NODE);
    });
    const heard = lines('arp or icmp');
    const uplink = lab.host.links().find(({ name }) => name === 'up0')!;
    const shim = lab.host.links().find(({ name }) => name === NAME)!;
    expect(heard).toContainEqual(expect.stringContaining(`192.0.2.10 is-at ${web.endpoint.mac}`));
    expect(
      heard.filter((line) => line.includes(`${NODE} is-at`)).map((line) => /is-at (\S+?),/.exec(line)?.[1]),
    ).toEqual([uplink.mac]);
    expect(heard.filter((line) => line.includes(shim.mac))).toEqual([]);
  });

  it('lets nobody outside believe that the network has the address of the node', async () => {
    lab.run(undefined, ['ip', 'neigh', 'flush', 'dev', NAME]);
    const { lines } = await lab.capture(out(), 'eth0', () => {
      for (const address of ['192.0.2.10', '2001:db8::10']) {
        expect(lab.pings(undefined, address)).toBe(true);
        expect(lab.pings(out(), address)).toBe(true);
      }
    });
    const shim = lab.host.links().find(({ name }) => name === NAME)!;
    expect(lines(`ether src ${shim.mac}`)).toEqual([]);
  });

  it('is mended piece by piece', async () => {
    const ensured = async () => {
      await transparentDriver.ensureNetwork(here, node);
      for (const at of [web, peer]) await transparentDriver.ensureEndpoint(at, node);
    };
    const { index } = lab.host.links(ns(web)).find(({ name }) => name === 'eth0')!;
    for (const damage of [
      [['link', 'set', 'dev', NAME, 'down']],
      [['link', 'del', 'dev', NAME]],
      [['route', 'del', '192.0.2.10/32', 'dev', NAME]],
    ]) {
      await lab.host.ip(damage);
      expect(transparentDriver.endpointReady(web, kernelView(node))).toBe(false);
      await ensured();
      expect(transparentDriver.endpointReady(web, kernelView(node))).toBe(true);
      expect(lab.asks(undefined, '192.0.2.10')).toBe(NODE);
    }
    // What is right was left alone.
    expect(lab.host.links(ns(web)).find(({ name }) => name === 'eth0')?.index).toBe(index);
    await lab.host.ip([['link', 'del', 'dev', 'eth0']], ns(web));
    expect(transparentDriver.endpointReady(web, kernelView(node))).toBe(false);
    await ensured();
    expect(lab.asks(out(), '192.0.2.10')).toBe(OUT);
  });

  it("follows the node's address", async () => {
    await lab.host.ip([
      ['addr', 'del', `${NODE}/24`, 'dev', 'up0'],
      ['addr', 'add', '192.0.2.77/24', 'dev', 'up0'],
    ]);
    expect(transparentDriver.endpointReady(web, kernelView(node))).toBe(false);
    await transparentDriver.ensureEndpoint(web, node);
    expect(lab.asks(undefined, '192.0.2.10')).toBe('192.0.2.77');
    expect(lab.asks(ns(web), '192.0.2.77')).toBe('192.0.2.10');
    await lab.host.ip([
      ['addr', 'del', '192.0.2.77/24', 'dev', 'up0'],
      ['addr', 'add', `${NODE}/24`, 'dev', 'up0'],
    ]);
    await transparentDriver.ensureEndpoint(web, node);
    expect(lab.asks(undefined, '192.0.2.10')).toBe(NODE);
  });

  it('lets containers reach every IPv6 address of their node', async () => {
    const more = ['2001:db8::77', 'fd00:77::1'];
    const inside = () => transparentDriver.insideReady(web, kernelView(node));
    await lab.host.ip(more.map((each) => ['addr', 'add', `${each}/64`, 'dev', 'up0', 'nodad']));
    expect(inside()).toBe(false);
    await transparentDriver.ensureEndpoint(web, node);
    expect(inside()).toBe(true);
    for (const address of [NODE6, ...more]) expect(lab.asks(ns(web), address)).toBe('2001:db8::10');
    await lab.host.ip(more.map((each) => ['addr', 'del', `${each}/64`, 'dev', 'up0']));
    expect(inside()).toBe(false);
    await transparentDriver.ensureEndpoint(web, node);
    const ways = lab.host.routes(ns(web)).filter(({ destination }) => destination.endsWith('/128'));
    expect(ways.map(({ destination }) => destination)).toEqual([`${NODE6}/128`]);
    expect(lab.asks(undefined, '2001:db8::10')).toBe(NODE6);
  });

  it('tells whom nobody answered for', async () => {
    expect(lab.pings(ns(web), '192.0.2.200')).toBe(false);
    const told = () =>
      lab.host.unanswered(ns(web)).some((each) => each.link === 'eth0' && each.address === '192.0.2.200');
    // The kernel asks three times, a second apart.
    await waitFor(told, { ms: 10_000, every: 50, what: 'the kernel to give up' });
    expect(lab.host.unanswered(ns(web))).not.toContainEqual(expect.objectContaining({ address: OUT }));
    expect(lab.host.isWireless('up0')).toBe(false);
  });

  it('says what a person can do when the uplink is gone', async () => {
    const lost = lan(names, { name: 'lost', uplink: 'up9' });
    await expect(transparentDriver.ensureNetwork(lost, node)).rejects.toThrow(
      /^network lost: interface up9 is gone; there are: lo, up0.*skep network rescan/,
    );
  });

  it('leaves the node exactly as it was', async () => {
    for (let round = 0; round < 2; round++) {
      for (const at of [web, peer, far]) {
        await transparentDriver.removeEndpoint(at, contextOf(at));
        await lab.host.removeNetns(ns(at));
      }
      await transparentDriver.removeNetwork(here, node);
      await transparentDriver.removeNetwork(there, second);
    }
    expect(world()).toEqual(before);
    expect(lab.host.links(lab.netns('second')).map(({ name }) => name)).toEqual(['lo', 'eth0']);
    expect(lab.pings(undefined, OUT)).toBe(true);
  });
});
