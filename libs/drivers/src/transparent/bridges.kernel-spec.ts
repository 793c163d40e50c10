import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId, waitFor } from '#lib/common';
import { NodeNames } from '#lib/domain';
import type { DriverContext, EndpointOf, NodeView } from '../driver.js';
import { kernelView } from '../kernel-view.js';
import { attach, container, contextOn, network } from '../testing/fixtures.js';
import { Lab } from '../testing/lab.js';
import { transparentDriver } from './transparent-driver.js';

const names = new NodeNames(newId());
const OUT = '192.0.2.2';

describe('transparent networks on bridges', () => {
  let lab: Lab;
  let node: DriverContext;
  let before: unknown;
  const isForeign = (link = '') => !link.startsWith(names.linkPrefix);
  const foreign = () => [
    lab.host.links().filter(({ name }) => isForeign(name)),
    lab.host.routes().filter(({ link }) => isForeign(link)),
  ];
  /** A link gives itself its own address some time after it is up; what is compared is what stays. */
  const settled = () => {
    const own = () => lab.host.links().some(({ name, addresses }) => name === 'br0' && addresses.some(isOwn));
    return waitFor(own, { ms: 5000, what: 'the bridge has its link-local address' });
  };
  const isOwn = (address: string) => address.startsWith('fe80:');
  const addressed = (link: string) => [
    ['addr', 'add', '192.0.2.1/24', 'dev', link],
    ['link', 'set', 'dev', link, 'up'],
    ['route', 'add', 'default', 'via', OUT],
  ];
  const ns = (at: EndpointOf) => names.netns(at.container.id);
  const lan = {
    ...network(names, 'lan', [], { driver: 'transparent' }),
    pools: [{ subnet: '192.0.2.0/24', gateway: OUT }],
    uplink: 'br0',
  };
  const inner = network(names, 'inner', ['172.29.0.0/24', 'fd00:29::/64'], { driver: 'transparent', internal: true });
  const web = attach(lan, container('web'), { ipv4: '192.0.2.10' });
  const shut = attach(inner, container('shut'), { ipv4: '172.29.0.10', ipv6: 'fd00:29::10' });
  const shut2 = attach(inner, container('shut2'), { ipv4: '172.29.0.11', ipv6: 'fd00:29::11' });
  const all = [web, shut, shut2];

  beforeAll(async () => {
    lab = new Lab();
    node = contextOn(lab.host, names);
    await lab.segment(['out']);
    await lab.host.ip([
      ['link', 'add', 'name', 'br0', 'type', 'bridge'],
      ['link', 'set', 'dev', 'up0', 'master', 'br0'],
      ['addr', 'del', '192.0.2.1/24', 'dev', 'up0'],
      ...addressed('br0'),
    ]);
    await settled();
    before = foreign();
    for (const each of [lan, inner]) await transparentDriver.ensureNetwork(each, node);
    for (const at of all) {
      await lab.host.createNetns(ns(at));
      await transparentDriver.ensureEndpoint(at, node);
      await lab.serve(ns(at));
    }
    await lab.serve(lab.netns('out'));
  });

  afterAll(async () => {
    for (const at of all) await lab.host.removeNetns(ns(at));
    await lab.close();
  });

  it("are placed on somebody else's bridge, found by its port as by the default route", () => {
    const around: NodeView = { names, links: lab.host.links(), routes: lab.host.routes(), networks: [] };
    const asked = { ...lan, uplink: undefined, pools: [] };
    expect(transparentDriver.place(asked, around)).toMatchObject({ uplink: 'br0', subnets: 'segment' });
    const byPort = { ...asked, options: { 'com.docker.network.windowsshim.interface': 'up0' } };
    expect(transparentDriver.place(byPort, around)).toMatchObject({ uplink: 'br0' });
  });

  it('connect through it, in every direction', () => {
    expect(transparentDriver.networkReady(lan, kernelView(node))).toBe(true);
    expect(transparentDriver.endpointReady(web, kernelView(node))).toBe(true);
    expect(lab.asks(ns(web), OUT)).toBe('192.0.2.10');
    expect(lab.asks(lab.netns('out'), '192.0.2.10')).toBe(OUT);
    expect(lab.asks(undefined, '192.0.2.10')).toBe('192.0.2.1');
  });

  it('are a segment of their own where they are internal', () => {
    expect(transparentDriver.endpointReady(shut, kernelView(node))).toBe(true);
    expect(lab.asks(ns(shut2), '172.29.0.10')).toBe('172.29.0.11');
    expect(lab.asks(ns(shut2), 'fd00:29::10')).toBe('fd00:29::11');
    expect(lab.asks(undefined, '172.29.0.10')).toBe('unreachable');
    expect(lab.asks(ns(shut), OUT)).toBe('unreachable');
    expect(lab.host.routes(ns(shut)).filter(({ destination }) => destination.endsWith('/0'))).toEqual([]);
  });

  it('move to the port when the bridge is gone, and back when it is there again', async () => {
    const bridge = [
      ['link', 'add', 'name', 'br0', 'type', 'bridge'],
      ['link', 'set', 'dev', 'br0', 'address', lab.host.links().find(({ name }) => name === 'br0')!.mac],
      ['link', 'set', 'dev', 'up0', 'master', 'br0'],
    ];
    const move = async (uplink: string) => {
      const moved = { ...web, network: { ...lan, uplink } };
      await transparentDriver.ensureNetwork(moved.network, node);
      await transparentDriver.ensureEndpoint(moved, node);
      expect(transparentDriver.endpointReady(moved, kernelView(node))).toBe(true);
      const reached = () => lab.asks(lab.netns('out'), '192.0.2.10') === OUT;
      await waitFor(reached, { ms: 5000, what: 'the container is reached from outside' });
      return moved;
    };
    await lab.host.ip([['link', 'del', 'dev', 'br0'], ...addressed('up0')]);
    expect(transparentDriver.networkReady(lan, kernelView(node))).toBe(false);
    const moved = await move('up0');
    expect(lab.asks(undefined, '192.0.2.10')).toBe('192.0.2.1');

    // The kernel refuses to make a port of a link that macvlans live on.
    await transparentDriver.removeEndpoint(moved, node);
    await transparentDriver.removeNetwork(moved.network, node);
    await lab.host.ip([['addr', 'del', '192.0.2.1/24', 'dev', 'up0'], ...bridge, ...addressed('br0')]);
    await move('br0');
    await settled();
    before = foreign();
  });

  it('leave the bridge and everything else as it was', async () => {
    for (const at of all) {
      await transparentDriver.removeEndpoint(at, node);
      await lab.host.removeNetns(ns(at));
    }
    for (const each of [lan, inner]) await transparentDriver.removeNetwork(each, node);
    expect([lab.host.links(), lab.host.routes()]).toEqual(before);
  });
});
