import { beforeEach, describe, expect, it } from 'vitest';
import { newId } from '#lib/common';
import { NodeNames } from '#lib/domain';
import { FakeHost } from '#lib/host';
import type { DriverContext } from '../driver.js';
import { kernelView } from '../kernel-view.js';
import { attach, container, contextOn, network } from '../testing/fixtures.js';
import { shimLinkLocal } from './node-side.js';
import { transparentDriver } from './transparent-driver.js';

const names = new NodeNames(newId());
const lan = network(names, 'lan', ['192.0.2.0/24', '2001:db8::/64'], { driver: 'transparent', uplink: 'up0' });

describe('the routes between a node and a container on its uplink', () => {
  const at = attach(lan, container('web'), { ipv4: '192.0.2.10', ipv6: '2001:db8::10' });
  const netns = names.netns(at.container.id);
  let host: FakeHost;
  let node: DriverContext;
  const ready = () => transparentDriver.insideReady(at, kernelView(node));
  const ways = () =>
    host
      .routes(netns)
      .filter(({ gateway }) => gateway === shimLinkLocal(lan))
      .map(({ destination, link }) => `${destination} ${link}`)
      .sort();
  const change = (verb: 'add' | 'del', ...addresses: string[]) =>
    host.ip(addresses.map((each) => ['addr', verb, each, 'dev', 'up0']));

  beforeEach(async () => {
    host = new FakeHost();
    node = contextOn(host, names);
    await host.ip([
      ['link', 'add', 'name', 'up0', 'type', 'dummy'],
      ['link', 'set', 'dev', 'up0', 'up'],
    ]);
    await change('add', '192.0.2.1/24', '2001:db8::1/64', 'fe80::1/64');
    await host.createNetns(netns);
    await transparentDriver.ensureNetwork(lan, node);
    await transparentDriver.ensureEndpoint(at, node);
  });

  it('lead to each IPv6 address of the uplink, whatever its prefix', async () => {
    expect([ready(), ways()]).toEqual([true, ['2001:db8::1/128 eth0']]);
    await change('add', '2001:db8::77/64', 'fd00:77::1/64');
    expect(ready()).toBe(false);
    await transparentDriver.ensureEndpoint(at, node);
    expect([ready(), ways()]).toEqual([true, ['2001:db8::1/128 eth0', '2001:db8::77/128 eth0', 'fd00:77::1/128 eth0']]);
  });

  it('go with the address', async () => {
    await change('add', '2001:db8::77/64');
    await transparentDriver.ensureEndpoint(at, node);
    await change('del', '2001:db8::1/64');
    expect(ready()).toBe(false);
    await transparentDriver.ensureEndpoint(at, node);
    expect([ready(), ways()]).toEqual([true, ['2001:db8::77/128 eth0']]);
  });
});
