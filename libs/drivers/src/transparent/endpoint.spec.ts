import { beforeEach, describe, expect, it } from 'vitest';
import { newId } from '#lib/common';
import { NodeNames } from '#lib/domain';
import { FakeHost } from '#lib/host';
import type { Leased } from '../dhcp/report.js';
import type { DhcpClients, EndpointOf } from '../driver.js';
import { attach, container, contextOn, network } from '../testing/fixtures.js';
import { ensureEndpoint, removeEndpoint } from './endpoint.js';

const names = new NodeNames(newId());
const LEASE = { prefix: 24, server: '192.0.2.3', gateway: '192.0.2.254', dns: [] };
const OLD = '192.0.2.50';
const NEW = '192.0.2.60';

/** One client of one server, which says at once what it gives. */
class Client implements DhcpClients {
  gives = NEW;
  held: string | undefined;
  /** addresses on the link at each question, with the address that was asked for */
  readonly asked: { previous: string | undefined; shown: string[] }[] = [];

  constructor(private readonly shown: () => string[]) {}

  async obtain({ endpoint }: EndpointOf): Promise<Leased> {
    if (this.held === undefined) this.asked.push({ previous: endpoint.ipv4, shown: this.shown() });
    this.held ??= this.gives;
    return { ipv4: this.held, lease: LEASE };
  }
  alive = () => this.held !== undefined;
  holds = ({ endpoint }: EndpointOf) => this.held !== undefined && this.held === endpoint.ipv4;
  nameServers = () => [];
  release = () => this.drop();
  drop = async () => {
    this.held = undefined;
  };
}

describe.each(['dummy', 'bridge'])('an endpoint with an address by DHCP, on a %s', (kind) => {
  let host: FakeHost;
  let client: Client;
  let at: EndpointOf;
  let netns: string;
  const addresses = () => host.links(netns).find(({ name }) => name === 'eth0')?.addresses ?? [];
  const ensure = (endpoint = at.endpoint) => ensureEndpoint({ ...at, endpoint }, contextOn(host, names, client));

  beforeEach(async () => {
    host = new FakeHost();
    await host.ip([
      ['link', 'add', 'name', 'up0', 'type', kind],
      ['addr', 'add', '192.0.2.1/24', 'dev', 'up0'],
      ['link', 'set', 'dev', 'up0', 'up'],
      ['link', 'add', 'link', 'up0', 'name', 'lan0', 'type', 'macvlan', 'mode', 'bridge'],
      ['link', 'set', 'dev', 'lan0', 'up'],
    ]);
    const lan = network(names, 'lan', [], { driver: 'transparent', uplink: 'up0', linkName: 'lan0' });
    at = attach(lan, container('web'), { ipv4: OLD, lease: LEASE });
    netns = names.netns(at.container.id);
    await host.createNetns(netns);
    client = new Client(addresses);
  });

  it('shows no address after a reboot before a server has given one, and asks for the one that it had', async () => {
    await ensure();
    expect(client.asked).toEqual([{ previous: OLD, shown: [] }]);
    expect(addresses()).toEqual([`${NEW}/24`]);
    expect(host.ran.filter(({ line }) => line.includes(OLD))).toEqual([]);
  });

  it('keeps everything while its client goes on, as when the agent starts again', async () => {
    client.gives = OLD;
    await ensure();
    const before = host.ran.length;
    await ensure();
    expect([host.ran.slice(before), client.asked.length]).toEqual([[], 1]);
  });

  it('keeps the address that it has when its client has died, until a server says otherwise', async () => {
    client.gives = OLD;
    await ensure();
    await client.drop();
    const before = host.ran.length;
    await ensure();
    expect(client.asked.at(-1)).toEqual({ previous: OLD, shown: [`${OLD}/24`] });
    expect(host.ran.slice(before)).toEqual([]);
  });
});

it('takes away its own link alone: what was joined later may have its name', async () => {
  const host = new FakeHost();
  await host.ip([
    ['link', 'add', 'name', 'up0', 'type', 'dummy'],
    ['link', 'set', 'dev', 'up0', 'up'],
    ...['ten0', 'twenty0'].map((name) => `link add link up0 name ${name} type macvlan mode bridge`.split(' ')),
  ]);
  const context = contextOn(host, names, new Client(() => []));
  const on = (name: string) =>
    network(names, name, ['192.0.2.0/24'], { driver: 'transparent', uplink: 'up0', linkName: `${name}0` });
  const web = container('web');
  const [left, joined] = [attach(on('ten'), web, { ipv4: OLD }), attach(on('twenty'), web, { ipv4: NEW })];
  const netns = names.netns(web.id);
  const inside = () =>
    host
      .links(netns)
      .filter(({ name }) => name !== 'lo')
      .map(({ mac }) => mac);
  await host.createNetns(netns);
  await ensureEndpoint(left, context);
  await removeEndpoint(left, context);
  expect(inside()).toEqual([]);
  await ensureEndpoint(joined, context);
  await removeEndpoint(left, context);
  expect(inside()).toEqual([joined.endpoint.mac]);
});
