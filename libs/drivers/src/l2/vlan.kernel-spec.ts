import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EndpointOf } from '../driver.js';
import { Lab } from '../testing/lab.js';
import { SegmentNode } from '../testing/segment-node.js';

const VLAN = 10;

/** Two nodes with a network of the driver in the VLAN; `web` and `db` are on the first, `far` is on the second. */
describe.each(['l2bridge', 'l2tunnel'] as const)('%s in a VLAN without 8021q', (driver) => {
  let lab: Lab;
  let one: SegmentNode;
  let two: SegmentNode;
  let web: EndpointOf;
  let db: EndpointOf;
  let far: EndpointOf;
  let before: unknown;
  const world = () => [lab.host.links(), lab.host.routes(), lab.host.programs('up0', 'ingress')];
  const netns = (node: SegmentNode, at: EndpointOf) => node.names.netns(at.container.id);

  beforeAll(async () => {
    lab = new Lab();
    await lab.segment(['second']);
    // The physical switch sends a tunnel's frames back by the port they came from.
    const hairpin = driver === 'l2tunnel' ? 'on' : 'off';
    for (const port of ['node', 'second']) {
      await lab.host.ip([['link', 'set', 'dev', port, 'type', 'bridge_slave', 'hairpin', hairpin]], lab.netns('wire'));
    }
    before = world();
    one = new SegmentNode(lab.host, driver, 'up0');
    two = new SegmentNode(lab.hostOf('second'), driver, 'eth0');
    const [here, there] = [await one.network({ vlan: VLAN }), await two.network({ vlan: VLAN })];
    web = await one.endpoint(here, 'web', 10);
    db = await one.endpoint(here, 'db', 11);
    far = await two.endpoint(there, 'far', 20);
    for (const each of [one, two]) each.apply();
    await lab.carriers();
    for (const each of [web, db]) await lab.serve(netns(one, each));
    await lab.serve(netns(two, far));
  });
  afterAll(() => lab.close());

  it('is complete as the kernel shows it', () => {
    expect([one.ready(one.networks[0]!), two.ready(two.networks[0]!)]).toEqual([true, true]);
  });

  it.each(['ipv4', 'ipv6'] as const)(
    "connects its containers by %s, with the tag and the nodes' MACs alone",
    async (family) => {
      const [webs, dbs, fars] = [web, db, far].map(({ endpoint }) => endpoint[family]!) as [string, string, string];
      const wire = await lab.capture(lab.netns('wire'), 'node', () => {
        expect(lab.asks(netns(one, web), fars)).toBe(webs);
        expect(lab.asks(netns(two, far), webs)).toBe(fars);
        expect(lab.asks(netns(one, web), dbs)).toBe(webs);
      });
      for (const at of [web, db, far]) expect(wire.holds(at.endpoint.mac)).toBe(false);
      const uplink = lab.host.links().find(({ name }) => name === 'up0')!;
      expect(wire.lines(`vlan ${VLAN} and ether src ${uplink.mac}`).length).toBeGreaterThan(0);
      expect(wire.lines(`not vlan and ether src ${uplink.mac} and (tcp port 80 or arp)`)).toEqual([]);
      const between = wire.lines(`vlan ${VLAN} and host ${webs} and host ${dbs} and tcp`);
      if (driver === 'l2tunnel') expect(between.length).toBeGreaterThan(0);
      else expect(between).toEqual([]);
    },
  );

  it('keeps the node out of the VLAN, and its own traffic as it is', () => {
    expect(lab.pings(undefined, '192.0.2.2')).toBe(true);
    expect(lab.pings(undefined, web.endpoint.ipv4!)).toBe(false);
    expect(lab.pings(netns(one, web), '192.0.2.1')).toBe(false);
  });

  it('leaves the uplink exactly as it was', async () => {
    await one.remove([web, db]);
    await two.remove([far]);
    expect(world()).toEqual(before);
  });
});
