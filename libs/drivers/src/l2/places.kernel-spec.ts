import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EndpointOf } from '../driver.js';
import { Lab } from '../testing/lab.js';
import { SegmentNode } from '../testing/segment-node.js';

const V4_ALONE = { enableIPv6: false, pools: [{ subnet: '192.0.2.0/24', gateway: '192.0.2.2' }] };

describe('l2bridge in places that are not plain', () => {
  let lab: Lab;
  let node: SegmentNode;
  const made: EndpointOf[] = [];
  const ns = (at: EndpointOf) => node.names.netns(at.container.id);
  const out = () => lab.netns('out');
  const applied = async () => {
    node.apply();
    await lab.carriers();
  };
  const endpoint = async (...all: Parameters<SegmentNode['endpoint']>) => {
    const at = await node.endpoint(...all);
    made.push(at);
    return at;
  };

  beforeEach(async () => {
    lab = new Lab();
    await lab.segment(['out']);
    node = new SegmentNode(lab.host, 'l2bridge', 'up0');
  });
  afterEach(async () => {
    await node.remove(made.splice(0));
    await lab.close();
  });

  it('has a bridge of somebody else for its uplink, which the node itself is on', async () => {
    await lab.host.ip([
      ['link', 'add', 'name', 'br0', 'type', 'bridge'],
      ['link', 'set', 'dev', 'up0', 'master', 'br0'],
      ['addr', 'flush', 'dev', 'up0'],
      ['addr', 'add', '192.0.2.1/24', 'dev', 'br0'],
      ['addr', 'add', '2001:db8::1/64', 'dev', 'br0', 'nodad'],
      ['link', 'set', 'dev', 'br0', 'up'],
    ]);
    node = new SegmentNode(lab.host, 'l2bridge', 'br0');
    const lan = await node.network();
    const web = await endpoint(lan, 'web', 20);
    await applied();
    expect(node.ready(lan)).toBe(true);
    const pings = [
      [ns(web), '192.0.2.2'],
      [ns(web), '2001:db8::2'],
      [ns(web), '192.0.2.1'],
      [out(), '192.0.2.20'],
      [out(), '2001:db8::20'],
      [undefined, '192.0.2.20'],
      [undefined, '2001:db8::20'],
    ] as const;
    for (const [from, to] of pings) expect([from, to, lab.pings(from, to)]).toEqual([from, to, true]);
    const { holds } = await lab.capture(lab.netns('wire'), 'node', () => lab.pings(ns(web), '192.0.2.2'));
    expect(holds(web.endpoint.mac)).toBe(false);
  });

  it('has a port of a bridge for its uplink, and needs no ear there', async () => {
    await lab.host.ip([
      ['link', 'add', 'name', 'br0', 'type', 'bridge'],
      ['link', 'set', 'dev', 'up0', 'master', 'br0'],
    ]);
    const lan = await node.network();
    const web = await endpoint(lan, 'web', 20);
    await applied();
    expect(node.ready(lan)).toBe(true);
    expect([lab.pings(ns(web), '192.0.2.2'), lab.pings(out(), '2001:db8::20')]).toEqual([true, true]);
    expect(lab.host.links().filter(({ kind }) => kind === 'macvlan')).toEqual([]);
  });

  it('leaves a MAC that was asked for alone where there is no IPv6, and switches IPv6 off', async () => {
    const lan = await node.network(V4_ALONE);
    const web = await endpoint(lan, 'web', 20);
    await applied();
    const inside = lab.host.links(ns(web)).find(({ name }) => name === 'eth0');
    expect(inside).toMatchObject({ mac: web.endpoint.mac, addresses: ['192.0.2.20/24'] });
    expect(lab.host.readSysctl('net/ipv6/conf/eth0/disable_ipv6', ns(web))).toBe('1');
    expect([lab.pings(ns(web), '192.0.2.2'), lab.pings(out(), '192.0.2.20')]).toEqual([true, true]);
  });

  it('keeps containers apart that may not talk to each other', async () => {
    const lan = await node.network({ ...V4_ALONE, options: { 'com.docker.network.bridge.enable_icc': 'false' } });
    const [web, peer] = [await endpoint(lan, 'web', 20), await endpoint(lan, 'peer', 21)];
    await applied();
    expect([lab.pings(ns(web), '192.0.2.21'), lab.pings(ns(peer), '192.0.2.20')]).toEqual([false, false]);
    expect([lab.pings(ns(web), '192.0.2.2'), lab.pings(out(), '192.0.2.21')]).toEqual([true, true]);
  });

  it('connects the containers of an internal network with each other alone', async () => {
    const lan = await node.network({ ...V4_ALONE, internal: true, uplink: undefined });
    const [web, peer] = [await endpoint(lan, 'web', 20), await endpoint(lan, 'peer', 21)];
    await applied();
    expect(node.ready(lan)).toBe(true);
    expect([lab.pings(ns(web), '192.0.2.21'), lab.pings(ns(peer), '192.0.2.20')]).toEqual([true, true]);
    for (const address of ['192.0.2.1', '192.0.2.2']) expect(lab.pings(ns(web), address)).toBe(false);
    expect(lab.pings(undefined, '192.0.2.20')).toBe(false);
  });

  it('carries frames of the MTU that the uplink has', async () => {
    await lab.host.ip([['link', 'set', 'dev', 'up0', 'mtu', '1400']]);
    const lan = await node.network(V4_ALONE);
    const web = await endpoint(lan, 'web', 20);
    await applied();
    const mtus = [...lab.host.links(), ...lab.host.links(ns(web))].filter(
      ({ name }) => name !== 'lo' && name !== 'up0',
    );
    expect(new Set(mtus.map(({ mtu }) => mtu))).toEqual(new Set([1400]));
  });
});
