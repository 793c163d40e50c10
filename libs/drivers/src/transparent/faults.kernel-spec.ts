import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId, waitFor } from '#lib/common';
import { NodeNames, type Network } from '#lib/domain';
import type { DriverContext, EndpointOf } from '../driver.js';
import { kernelView } from '../kernel-view.js';
import { attach, container, contextOn, network } from '../testing/fixtures.js';
import { dyingHost, Killed } from '../testing/dying-host.js';
import { Lab } from '../testing/lab.js';
import { transparentDriver } from './transparent-driver.js';

const OUT = '192.0.2.2';
const WEB = '192.0.2.10';
const WEB6 = '2001:db8::10';

describe('transparent when something goes wrong', () => {
  let lab: Lab;
  let node: DriverContext;
  let names: NodeNames;
  let lan: Network;
  let web: EndpointOf;
  let before: unknown;
  const out = () => lab.netns('out');
  const ns = () => names.netns(web.container.id);
  const json = (...words: string[]) => JSON.parse(lab.run(undefined, ['ip', '-j', ...words]).out || '[]') as unknown;
  const world = () => ({
    links: lab.host.links(),
    routes: [json('-4', 'route', 'show', 'table', 'all'), json('-6', 'route', 'show', 'table', 'all')],
    neighbours: (json('neigh', 'show', 'nud', 'permanent') as unknown[]).length,
  });
  const ready = () => {
    const view = kernelView(node);
    return [transparentDriver.networkReady(lan, view), transparentDriver.endpointReady(web, view)];
  };
  const ensureBoth = async (context: DriverContext) => {
    await transparentDriver.ensureNetwork(lan, context);
    await transparentDriver.ensureEndpoint(web, context);
  };
  const removeBoth = async (context: DriverContext) => {
    await transparentDriver.removeEndpoint(web, context);
    await transparentDriver.removeNetwork(lan, context);
  };
  /** What the kernel forgets of an uplink that went down. */
  const upAgain = [
    ['link', 'set', 'dev', 'up0', 'up'],
    ['addr', 'replace', '2001:db8::1/64', 'dev', 'up0', 'nodad'],
  ];
  /** The segment's switch lets frames through some milliseconds after a port came up. */
  const isReached = () => {
    const answers = () =>
      [WEB, WEB6].every((address) => lab.pings(out(), address) && lab.pings(undefined, address)) &&
      lab.pings(ns(), OUT);
    return waitFor(answers, { ms: 10_000, what: 'the container, the node and the outside reach each other' });
  };

  beforeAll(async () => {
    lab = new Lab();
    names = new NodeNames(newId());
    node = contextOn(lab.host, names);
    await lab.segment(['out']);
    lan = {
      ...network(names, 'lan', [], { driver: 'transparent', uplink: 'up0', enableIPv6: true }),
      pools: [
        { subnet: '192.0.2.0/24', gateway: OUT },
        { subnet: '2001:db8::/64', gateway: '2001:db8::2' },
      ],
    };
    web = attach(lan, container('web'), { ipv4: WEB, ipv6: WEB6 });
    await lab.host.createNetns(ns());
    before = world();
  });

  afterAll(async () => {
    await lab.host.removeNetns(ns());
    await lab.close();
  });

  it('lets the node keep its connection while networks and containers come and go', async () => {
    const others = [20, 21, 22].map((last) => attach(lan, container(`c${last}`), { ipv4: `192.0.2.${last}` }));
    for (const each of others) await lab.host.createNetns(names.netns(each.container.id));
    const unwatch = lab.watch(out(), '192.0.2.1');
    for (let round = 0; round < 3; round++) {
      await ensureBoth(node);
      for (const each of others) await transparentDriver.ensureEndpoint(each, node);
      expect(ready()).toEqual([true, true]);
      await waitFor(() => lab.pings(out(), '192.0.2.22'), { ms: 5000, what: 'the last one answers' });
      for (const each of others) await transparentDriver.removeEndpoint(each, node);
      await removeBoth(node);
    }
    // Asked 50 times a second: a second would be 50.
    expect(await unwatch()).toBe(0);
    for (const each of others) await lab.host.removeNetns(names.netns(each.container.id));
    expect(world()).toEqual(before);
  });

  it('is mended after the uplink went down and came up', async () => {
    await ensureBoth(node);
    await lab.host.ip([['link', 'set', 'dev', 'up0', 'down']]);
    expect([lab.pings(ns(), OUT), ready()[0]]).toEqual([false, false]);
    await lab.host.ip(upAgain);
    await ensureBoth(node);
    expect(ready()).toEqual([true, true]);
    await isReached();
  });

  it('brings the uplink up itself where somebody set it down', async () => {
    await lab.host.ip([['link', 'set', 'dev', 'up0', 'down']]);
    await ensureBoth(node);
    expect(ready()[0]).toBe(true);
    await lab.host.ip(upAgain);
    await ensureBoth(node);
    await isReached();
  });

  it('says what a person can do while the uplink has another name, and needs nothing once it has its own again', async () => {
    const rename = (from: string, to: string) => [
      ['link', 'set', 'dev', from, 'down'],
      ['link', 'set', 'dev', from, 'name', to],
      ['link', 'set', 'dev', to, 'up'],
    ];
    await lab.host.ip(rename('up0', 'up9'));
    expect(ready()).toEqual([false, false]);
    await expect(transparentDriver.ensureNetwork(lan, node)).rejects.toThrow(
      /^network lan: interface up0 is gone; there are: lo, up9.*bring it back under this name.*skep network rescan/,
    );
    // What rescan does: the row names the uplink of now.
    const followed = { ...lan, uplink: 'up9' };
    await lab.host.ip([['addr', 'replace', '2001:db8::1/64', 'dev', 'up9', 'nodad']]);
    await transparentDriver.ensureNetwork(followed, node);
    await transparentDriver.ensureEndpoint({ ...web, network: followed }, node);
    expect(transparentDriver.networkReady(followed, kernelView(node))).toBe(true);
    await isReached();

    await lab.host.ip([...rename('up9', 'up0'), upAgain[1]!]);
    await ensureBoth(node);
    expect(ready()).toEqual([true, true]);
    await isReached();
    await removeBoth(node);
    expect(world()).toEqual(before);
  });

  it('is completed, and taken away, after a death at every line', async () => {
    const dies = async (work: (context: DriverContext) => Promise<void>, effects: number) => {
      try {
        await work(contextOn(dyingHost(lab.host, effects), names));
        return false;
      } catch (error) {
        if (error instanceof Killed) return true;
        throw error;
      }
    };
    let deaths = 0;
    for (; ; deaths++) {
      await removeBoth(node);
      const died = await dies(ensureBoth, deaths);
      await ensureBoth(node);
      expect([deaths, ...ready()]).toEqual([deaths, true, true]);
      if (!died) break;
    }
    expect(deaths).toBeGreaterThan(8);
    await isReached();
    for (let effects = 0; ; effects++) {
      await ensureBoth(node);
      const died = await dies(removeBoth, effects);
      await removeBoth(node);
      expect(world()).toEqual(before);
      if (!died) break;
    }
  });
});

describe("transparent on somebody else's bridge that is deleted and made again", () => {
  const names = new NodeNames(newId());
  let lab: Lab;
  let node: DriverContext;
  const lan = {
    ...network(names, 'lan', [], { driver: 'transparent', uplink: 'br0' }),
    pools: [{ subnet: '192.0.2.0/24', gateway: OUT }],
  };
  const web = attach(lan, container('web'), { ipv4: WEB });
  const ns = () => names.netns(web.container.id);

  const bridge = () => [
    ['link', 'add', 'name', 'br0', 'type', 'bridge'],
    ['addr', 'flush', 'dev', 'up0'],
    ['link', 'set', 'dev', 'up0', 'master', 'br0'],
    ['addr', 'add', '192.0.2.1/24', 'dev', 'br0'],
    ['link', 'set', 'dev', 'br0', 'up'],
  ];

  beforeAll(async () => {
    lab = new Lab();
    node = contextOn(lab.host, names);
    await lab.segment(['out']);
    await lab.host.ip(bridge());
    await lab.host.createNetns(ns());
    await transparentDriver.ensureNetwork(lan, node);
    await transparentDriver.ensureEndpoint(web, node);
    await lab.carriers();
  });

  afterAll(async () => {
    await lab.host.removeNetns(ns());
    await lab.close();
  });

  const ready = () => {
    const view = kernelView(node);
    return [transparentDriver.networkReady(lan, view), transparentDriver.endpointReady(web, view)];
  };

  it('says what a person can do while it is away, and puts the containers on it when it is back', async () => {
    await waitFor(() => lab.pings(lab.netns('out'), WEB), { ms: 5000, what: 'the container answers' });
    const { index } = lab.host.links(ns()).find(({ name }) => name === 'eth0')!;
    await lab.host.ip([['link', 'del', 'dev', 'br0']]);
    expect(ready()).toEqual([false, false]);
    await expect(transparentDriver.ensureNetwork(lan, node)).rejects.toThrow(
      /^network lan: interface br0 is gone; .*bring it back under this name.*skep network rescan/,
    );
    await expect(transparentDriver.ensureEndpoint(web, node)).rejects.toThrow('network lan: the link br0 is not there');

    await lab.host.ip(bridge());
    expect(ready()).toEqual([true, false]);
    await transparentDriver.ensureNetwork(lan, node);
    await transparentDriver.ensureEndpoint(web, node);
    expect(ready()).toEqual([true, true]);
    const answers = () => lab.pings(lab.netns('out'), WEB) && lab.pings(undefined, WEB) && lab.pings(ns(), OUT);
    await waitFor(answers, { ms: 10_000, what: 'the container is reached by the new bridge' });
    // The container kept its link: only the node's end was put on the new bridge.
    expect(lab.host.links(ns()).find(({ name }) => name === 'eth0')?.index).toBe(index);
  });
});
