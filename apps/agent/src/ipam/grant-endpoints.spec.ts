import { describe, expect, it } from 'vitest';
import type { Container, Network, ObservedLink } from '#lib/domain';
import { grantEndpoints, type EndpointRequest, type EndpointView } from './grant-endpoints.js';

const network = (more: Partial<Network> = {}): Network => ({
  id: 'ab'.repeat(32),
  name: 'lan',
  driver: 'transparent',
  pools: [{ subnet: '192.0.2.0/29', gateway: '192.0.2.1' }],
  internal: false,
  attachable: false,
  enableIPv4: true,
  enableIPv6: false,
  options: {},
  labels: {},
  linkName: 'lan0',
  uplink: 'eth0',
  createdAt: '',
  target: 'present',
  ...more,
});
const eth0 = { name: 'eth0', addresses: ['192.0.2.2/29'] } as ObservedLink;
const ask = (containerId: string, more: Partial<EndpointRequest> = {}): EndpointRequest => ({
  containerId,
  containerName: containerId,
  network: 'lan',
  aliases: [],
  links: {},
  gwPriority: 0,
  priority: 0,
  ...more,
});
const grant = (requests: EndpointRequest[], on = network(), containers: Container[] = []) => {
  const view: EndpointView = {
    networks: [on],
    containers,
    holds: () => true,
    links: [eth0],
    quarantined: () => new Set(),
    granted: () => undefined,
  };
  const granted = grantEndpoints(requests, view);
  return requests.map(({ containerId }) => granted.get(containerId)![0]!);
};

describe('endpoints on a physical segment', () => {
  it("are never given the node's own address, also not on request", () => {
    expect(grant([ask('a'), ask('b')]).map(({ ipv4 }) => ipv4)).toEqual(['192.0.2.3', '192.0.2.4']);
    expect(() => grant([ask('a', { ipv4: '192.0.2.2' })])).toThrow(
      'address 192.0.2.2 is already in use by link eth0 of this node',
    );
  });

  it('have no address of ours where the segment has a DHCP server, and cannot ask for one', () => {
    const on = network({ pools: [] });
    expect(grant([ask('a')], on)[0]?.ipv4).toBeUndefined();
    expect(() => grant([ask('a', { ipv4: '192.0.2.3' })], on)).toThrow(
      'a: address 192.0.2.3 on network lan, which has no ipv4 subnet',
    );
  });
});

describe('addresses of networks that may be on the same wire', () => {
  const other = (more: Partial<Network>) => network({ id: 'cd'.repeat(32), name: 'other', uplink: 'eth1', ...more });
  const holder = { name: 'x', endpoints: [{ networkId: 'cd'.repeat(32), ipv4: '192.0.2.3' }] } as Container;
  const grantBeside = (beside: Network, more: Partial<EndpointRequest> = {}, on = network()) =>
    grantEndpoints([ask('a', more)], {
      networks: [on, beside],
      containers: [holder],
      holds: () => true,
      links: [eth0],
      quarantined: () => new Set(),
      granted: () => undefined,
    }).get('a')![0]!.ipv4;

  it.each([
    ['another interface', other({}), network()],
    ['the same VLAN of another interface', other({ vlan: 7 }), network({ vlan: 7 })],
  ])('%s: are not given twice, and are refused with who has them', (_what, beside, on) => {
    expect(grantBeside(beside, {}, on)).toBe('192.0.2.4');
    expect(() => grantBeside(beside, { ipv4: '192.0.2.3' }, on)).toThrow(
      'address 192.0.2.3 is already in use by container x on network other',
    );
  });

  it.each([
    ['another VLAN', other({ uplink: 'eth0', vlan: 7 })],
    ['no interface', other({ uplink: undefined })],
  ])('%s: are nobody else’s business', (_what, beside) => {
    expect(grantBeside(beside)).toBe('192.0.2.3');
    expect(grantBeside(beside, { ipv4: '192.0.2.3' })).toBe('192.0.2.3');
  });
});

describe('a pool of MACs', () => {
  const pool = (range: string) => network({ options: { 'com.docker.network.windowsshim.macpool': range } });
  const three = pool('02-00-00-00-10-0e-02-00-00-00-10-10');

  it('gives each endpoint one of its own, and to the same container the same', () => {
    const macs = grant([ask('a'), ask('b'), ask('c')], three).map(({ mac }) => mac);
    expect([...macs].sort()).toEqual(['02:00:00:00:10:0e', '02:00:00:00:10:0f', '02:00:00:00:10:10']);
    expect(grant([ask('a')], three)[0]?.mac).toBe(macs[0]);
  });

  it('passes over those that were asked for or are taken, and says when none is left', () => {
    const asked = grant([ask('a'), ask('b', { mac: '02:00:00:00:10:0F' })], three);
    expect(asked[1]?.mac).toBe('02:00:00:00:10:0F');
    expect(asked[0]?.mac).not.toBe('02:00:00:00:10:0f');
    const holder = { name: 'x', endpoints: [{ networkId: three.id, mac: '02:00:00:00:10:0e' }] } as Container;
    const one = pool('02:00:00:00:10:0e-02:00:00:00:10:0e');
    expect(() => grant([ask('a')], one, [holder])).toThrow(
      'network lan: no MAC address is left in its macpool: all 1 are in use',
    );
  });
});

it('there are none on a network that is a mode of its own', () => {
  const on = network({ name: 'host', driver: 'host', pools: [] });
  expect(() => grant([ask('a', { network: 'host' })], on)).toThrow(
    'container a cannot be connected to network host beside others: host is a network mode',
  );
});

describe('names of interfaces', () => {
  const [lan, wan, inner] = ['lan', 'wan', 'inner'].map((name, index) =>
    network({
      id: `${index}`.repeat(64),
      name,
      driver: 'nat',
      pools: [{ subnet: `10.${index}.0.0/24`, gateway: `10.${index}.0.1` }],
    }),
  ) as [Network, Network, Network];
  const namesOf = (asked: Record<string, string | undefined>) => {
    const requests = Object.entries(asked).map(([name, ifName]) => ask('web', { network: name, ifName }));
    const endpoints = grantEndpoints(requests, {
      networks: [lan, wan, inner],
      containers: [],
      holds: () => true,
      links: [],
      quarantined: () => new Set(),
      granted: () => undefined,
    });
    return endpoints.get('web')!.map(({ ifName }) => ifName);
  };

  it('are as asked for; the others get the first that nobody asked for', () => {
    expect(namesOf({ inner: undefined, lan: 'eth0', wan: undefined })).toEqual(['eth1', 'eth0', 'eth2']);
  });

  it('are refused where two attachments ask for one', () => {
    expect(() => namesOf({ lan: 'eth7', inner: undefined, wan: 'eth7' })).toThrow(
      'container web: networks lan and wan are both to be its interface eth7',
    );
  });
});
