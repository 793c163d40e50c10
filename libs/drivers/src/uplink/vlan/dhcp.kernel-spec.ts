import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '#lib/common';
import { NodeNames } from '#lib/domain';
import type { DriverContext, EndpointOf } from '../../driver.js';
import { LabClients, LabServer } from '../../testing/dhcp.js';
import { attach, container, contextOn, network } from '../../testing/fixtures.js';
import { Lab } from '../../testing/lab.js';
import { transparentDriver } from '../../transparent/transparent-driver.js';

const [here, there] = [new NodeNames(newId()), new NodeNames(newId())];
const VLAN = { driver: 'transparent', vlan: 11 } as const;

describe('a transparent network in a VLAN, without a subnet', () => {
  let lab: Lab;
  let clients: LabClients;
  let node: DriverContext;
  let other: DriverContext;
  const servers: LabServer[] = [];
  const lan = network(here, 'lan', [], { ...VLAN, uplink: 'up0' });
  const far = network(there, 'far', ['10.7.0.0/24'], { ...VLAN, uplink: 'eth0' });
  const web = attach(lan, container('web'), {});
  const dhcp = attach(far, container('dhcp'), { ipv4: '10.7.0.3' });
  const ns = (at: EndpointOf) => (at === dhcp ? there : here).netns(at.container.id);
  const join = async (at: EndpointOf, context: DriverContext) => {
    await transparentDriver.ensureNetwork(at.network, context);
    await lab.host.createNetns(ns(at));
    await transparentDriver.ensureEndpoint(at, context);
  };
  const leave = async (at: EndpointOf, context: DriverContext) => {
    await transparentDriver.removeEndpoint(at, context);
    await lab.host.removeNetns(ns(at));
    await transparentDriver.removeNetwork(at.network, context);
  };
  const serve = async (netns: string, prefix: string) => {
    const server = new LabServer(lab, netns, 'eth0');
    servers.push(server);
    await server.serve(`${prefix}.50`, `${prefix}.99`, { router: `${prefix}.3`, dns: `${prefix}.3` });
  };

  beforeAll(async () => {
    lab = new Lab();
    await lab.segment(['second']);
    clients = new LabClients(lab, ns);
    node = contextOn(lab.host, here, clients);
    other = contextOn(lab.hostOf('second'), there);
    await join(dhcp, other);
    await serve(ns(dhcp), '10.7.0');
    await serve(lab.netns('second'), '192.0.2');
  });

  afterAll(async () => {
    for (const server of servers) await server.close();
    await clients.close();
    await lab.close();
  });

  it("gets its addresses from the VLAN's own server, and not from the one beside it", async () => {
    await join(web, node);
    expect(web.endpoint).toMatchObject({
      ipv4: expect.stringMatching(/^10\.7\.0\.[5-9]\d$/),
      lease: { prefix: 24, gateway: '10.7.0.3', server: '10.7.0.3' },
    });
    expect(lab.pings(ns(web), '10.7.0.3')).toBe(true);
    await leave(web, node);
    await leave(dhcp, other);
  });
});
