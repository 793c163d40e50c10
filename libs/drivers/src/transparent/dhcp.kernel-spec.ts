import { readFileSync, statSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId, waitFor } from '#lib/common';
import { NodeNames } from '#lib/domain';
import type { DriverContext, EndpointOf } from '../driver.js';
import { kernelView } from '../kernel-view.js';
import { keyOf, LabClients, LabServer } from '../testing/dhcp.js';
import { attach, container, contextOn, network } from '../testing/fixtures.js';
import { Lab } from '../testing/lab.js';
import { transparentDriver } from './transparent-driver.js';

const OUT = '192.0.2.2';
const names = new NodeNames(newId());

describe('transparent with addresses by DHCP', () => {
  let lab: Lab;
  let clients: LabClients;
  let server: LabServer;
  let node: DriverContext;
  let before: unknown;
  const lan = network(names, 'lan', [], { driver: 'transparent', uplink: 'up0' });
  const ns = (at: EndpointOf) => names.netns(at.container.id);
  const world = () => [lab.host.links(), lab.host.routes()];
  const addressesOf = (at: EndpointOf) =>
    lab.host
      .links(ns(at))
      .find(({ name }) => name === 'eth0')
      ?.addresses.filter((each) => !each.includes(':'));
  const pidOf = (at: EndpointOf) => Number(readFileSync(`${clients.directory}/${keyOf(at)}.pid`, 'utf8'));
  /** What half the lease's time would do; busybox takes no lease for shorter than two minutes. */
  const renew = (at: EndpointOf) => process.kill(pidOf(at), 'SIGUSR1');
  const join = async (name: string) => {
    const at = attach(lan, container(name), {});
    await lab.host.createNetns(ns(at));
    await transparentDriver.ensureEndpoint(at, node);
    return at;
  };
  const leave = async (at: EndpointOf) => {
    await transparentDriver.removeEndpoint(at, node);
    await lab.host.removeNetns(ns(at));
  };

  beforeAll(async () => {
    lab = new Lab();
    await lab.segment(['out', 'dhcp']);
    await lab.serve(lab.netns('out'));
    server = new LabServer(lab, lab.netns('dhcp'), 'eth0');
    clients = new LabClients(lab, ns);
    node = contextOn(lab.host, names, clients);
    before = world();
    await transparentDriver.ensureNetwork(lan, node);
  });

  afterAll(async () => {
    await clients.close();
    await server.close();
    await lab.close();
  });

  it('gets a lease, and connects with it', async () => {
    await server.serve('192.0.2.50', '192.0.2.99');
    const web = await join('web');
    expect(web.endpoint).toMatchObject({
      ipv4: expect.stringMatching(/^192\.0\.2\.[5-9]\d$/),
      lease: { prefix: 24, gateway: OUT, dns: [OUT], domain: 'lan.test', server: '192.0.2.3' },
    });
    const address = web.endpoint.ipv4!;
    expect(addressesOf(web)).toEqual([`${address}/24`]);
    expect(transparentDriver.endpointReady(web, kernelView(node))).toBe(true);
    expect(lab.asks(ns(web), OUT)).toBe(address);
    await lab.serve(ns(web));
    expect(lab.asks(undefined, address)).toBe('192.0.2.1');
    expect(lab.host.routes(ns(web))).toContainEqual({
      destination: '0.0.0.0/0',
      gateway: OUT,
      link: 'eth0',
      maker: 83,
    });
    await leave(web);
  });

  it('renews its lease by itself, also while nobody watches, and is found again', async () => {
    await server.serve('192.0.2.50', '192.0.2.99');
    const web = await join('web');
    const address = web.endpoint.ipv4;
    clients.processes.close();
    const wire = await lab.capture(lab.netns('dhcp'), 'eth0', async () => {
      const report = `${clients.directory}/${keyOf(web)}.lease`;
      const { ctimeMs } = statSync(report);
      renew(web);
      await waitFor(() => statSync(report).ctimeMs > ctimeMs, { ms: 3000, what: 'the lease is renewed' });
    });
    expect(wire.lines(`src host ${address} and dst host 192.0.2.3 and udp dst port 67`)).toHaveLength(1);
    const pid = pidOf(web);
    clients.processes.open();
    expect(clients.alive(web.container.id, lan.id)).toBe(true);
    expect(clients.processes.leased(keyOf(web))?.ipv4).toBe(address);
    await transparentDriver.ensureEndpoint(web, node);
    expect(pidOf(web)).toBe(pid);
    expect(lab.asks(ns(web), OUT)).toBe(address);
    await leave(web);
  });

  it('follows the server when it gives another address, and waits for it while it is away', async () => {
    await server.serve('192.0.2.50', '192.0.2.59');
    const web = await join('web');
    await server.serve('192.0.2.150', '192.0.2.159');
    renew(web);
    await waitFor(() => web.endpoint.ipv4?.startsWith('192.0.2.15'), { ms: 15_000, what: 'another address' });
    expect(transparentDriver.endpointReady(web, kernelView(node))).toBe(false);
    await transparentDriver.ensureEndpoint(web, node);
    expect(addressesOf(web)).toEqual([`${web.endpoint.ipv4}/24`]);
    expect(lab.asks(ns(web), OUT)).toBe(web.endpoint.ipv4);
    expect(transparentDriver.endpointReady(web, kernelView(node))).toBe(true);

    await server.end();
    renew(web);
    await waitFor(() => web.endpoint.lease === undefined, { ms: 20_000, what: 'the lease is over' });
    await server.serve('192.0.2.150', '192.0.2.159');
    await waitFor(() => web.endpoint.lease !== undefined, { ms: 20_000, what: 'a lease again' });
    await leave(web);
  });

  it('is given no traffic of the node for an address that the node relies on, nor keeps what it was given', async () => {
    await server.serve('192.0.2.60', '192.0.2.60');
    clients.servers = ['192.0.2.60'];
    const web = await join('web');
    const ways = () => lab.host.routes().filter(({ destination }) => destination === '192.0.2.60/32');
    const known = () => lab.host.forwarding(lan.linkName).filter((each) => each.mac === web.endpoint.mac);
    const ready = () => transparentDriver.endpointReady(web, kernelView(node));
    expect([web.endpoint.ipv4, ready(), ways(), known()]).toEqual(['192.0.2.60', true, [], []]);
    clients.servers = [];
    expect(ready()).toBe(false);
    await transparentDriver.ensureEndpoint(web, node);
    expect([ready(), ways().length, known().length]).toEqual([true, 1, 1]);
    clients.servers = ['192.0.2.60'];
    expect(ready()).toBe(false);
    await transparentDriver.ensureEndpoint(web, node);
    expect([ready(), ways(), known()]).toEqual([true, [], []]);
    clients.servers = [];
    await leave(web);
  });

  it('gives the lease back', async () => {
    await server.serve('192.0.2.50', '192.0.2.99');
    const web = await join('web');
    const { mac, ipv4 } = web.endpoint;
    const wire = await lab.capture(lab.netns('dhcp'), 'eth0', () => leave(web));
    // RFC 2132, 9.6: the message type (option 53) is the first option; 7 is a release.
    const released = `udp[248:2] = 0x3501 and udp[250] = 7 and src host ${ipv4} and ether src ${mac}`;
    expect(wire.lines(released)).toHaveLength(1);
    expect(clients.processes.keys()).toEqual([]);
  });

  it('starts the client anew when it was killed, or lost its link', async () => {
    await server.serve('192.0.2.50', '192.0.2.99');
    const web = await join('web');
    const address = web.endpoint.ipv4;
    process.kill(pidOf(web), 'SIGKILL');
    await waitFor(() => !clients.alive(web.container.id, lan.id), { ms: 2000, what: 'its end is seen' });
    expect(transparentDriver.endpointReady(web, kernelView(node))).toBe(false);
    await transparentDriver.ensureEndpoint(web, node);
    expect([web.endpoint.ipv4, transparentDriver.endpointReady(web, kernelView(node))]).toEqual([address, true]);
    const first = pidOf(web);
    await lab.host.ip([['link', 'del', 'dev', 'eth0']], ns(web));
    expect(transparentDriver.endpointReady(web, kernelView(node))).toBe(false);
    await transparentDriver.ensureEndpoint(web, node);
    expect(pidOf(web)).not.toBe(first);
    expect(lab.asks(ns(web), OUT)).toBe(web.endpoint.ipv4);
    await leave(web);
  });

  it('claims no address on the wire that no server has given since a reboot', async () => {
    await server.serve('192.0.2.50', '192.0.2.99');
    const web = await join('web');
    const { ipv4: had, lease } = web.endpoint;
    await clients.drop(web);
    await lab.host.ip([['link', 'del', 'dev', 'eth0']], ns(web));
    await server.serve('192.0.2.150', '192.0.2.159');
    const wire = await lab.capture(lab.netns('dhcp'), 'eth0', () => {
      // What the row remembers.
      Object.assign(web.endpoint, { ipv4: had, lease });
      return transparentDriver.ensureEndpoint(web, node);
    });
    expect(wire.lines(`arp src ${had}`)).toEqual([]);
    expect(web.endpoint.ipv4).toMatch(/^192\.0\.2\.15\d$/);
    expect(addressesOf(web)).toEqual([`${web.endpoint.ipv4}/24`]);
    await leave(web);
  });

  it('serves twenty containers at once, each with an address of its own', async () => {
    await server.serve('192.0.2.50', '192.0.2.99');
    const many = await Promise.all(Array.from({ length: 20 }, (_, index) => join(`c${index}`)));
    expect(new Set(many.map((at) => at.endpoint.ipv4)).size).toBe(20);
    expect(many.filter((at) => !transparentDriver.endpointReady(at, kernelView(node)))).toEqual([]);
    await Promise.all(many.map(leave));
    expect(clients.processes.keys()).toEqual([]);
  });

  it('leaves the node exactly as it was', async () => {
    await transparentDriver.removeNetwork(lan, node);
    expect(world()).toEqual(before);
  });
});
