import { describe, expect, it } from 'vitest';
import { nameKey, NameTable, TYPE } from '#lib/discovery';
import type { NodeNames } from '#lib/domain';
import type { Store } from '#lib/store';
import { discoveryState } from './zones.js';

const NET = 'f'.repeat(64);
const network = {
  id: NET,
  name: 'shop',
  target: 'present',
  internal: false,
  options: {},
  pools: [],
  driver: 'overlay',
};

interface Made {
  id?: string;
  name: string;
  service?: string;
  ipv4: string;
  aliases?: string[];
  spec?: object;
  health?: string;
}

const containerOf = ({ id = '', name, service, ipv4, aliases = [], spec = {} }: Made) => ({
  id: id.padEnd(64, '0'),
  name,
  service,
  networkMode: 'bridged',
  target: 'running',
  healthcheck: { test: ['CMD', 'true'] },
  restart: { name: 'no', maxRetries: 0 },
  endpoints: [{ networkId: NET, priority: 0, links: {}, aliases, ipv4 }],
  dns: { servers: [], search: [], options: [], extraHosts: [] },
  ports: [],
  spec,
});

/** What a container of the network is told when it asks for a name. */
function world(made: Made[], assignments: object[] = []) {
  const asker: Made = { id: 'a5ce5', name: 'asker', ipv4: '10.0.0.100' };
  const all = [asker, ...made];
  const containers = all.map(containerOf);
  const healths = new Map(all.map((each, index) => [containers[index]!.id, each.health ?? 'healthy']));
  const view = {
    list: (kind: string) =>
      kind === 'container' ? containers : kind === 'network' ? [network] : kind === 'assignment' ? assignments : [],
    get: (kind: string, id: string) =>
      kind === 'network' ? { value: network } : kind === 'status' ? { value: { health: healths.get(id) } } : undefined,
  };
  const { sandboxes, zones } = discoveryState(
    view as unknown as Store,
    new Map(containers.map(({ id }) => [id, { state: 'running' }])) as never,
    new Set(containers.map(({ id }) => id)),
    { netnsPath: (id: string) => `/run/netns/${id}` } as unknown as NodeNames,
    { dns: [], dnsSearch: [], dnsOptions: [], node: { search: [], options: [] } },
    new Map(),
  );
  const table = new NameTable();
  for (const zone of zones) table.setZone(zone);
  for (const sandbox of sandboxes) table.setSandbox(sandbox);
  return (name: string, from = 'a5ce5') => {
    const resolution = table.resolve(from.padEnd(64, '0'), nameKey(name)!, TYPE.A);
    if (resolution?.kind !== 'owned') return resolution?.kind;
    return (resolution.set?.records ?? []).map((record) => record.subarray(-4).join('.'));
  };
}

const peer = (more: object) => ({
  kind: 'peer',
  value: {
    id: 'task',
    networkId: NET,
    ipv4: '10.0.0.7',
    sharedNames: [],
    withheld: '',
    leaving: false,
    ports: [],
    ...more,
  },
});

const virtual = {
  kind: 'service',
  value: { id: 'service', name: 'web', virtualAddresses: { [NET]: { ipv4: '10.0.0.2' } }, aliases: {}, ports: [] },
};

describe('a container', () => {
  it('is answered by its name, its short id, and its host name without and with its domain name', () => {
    const spec = { Hostname: 'db', Domainname: 'example.org' };
    const ask = world([{ id: 'abc', name: 'shop-db-1', ipv4: '10.0.0.5', spec }]);
    for (const name of ['shop-db-1', 'abc000000000', 'db', 'db.example.org', 'db.example.org.shop']) {
      expect(ask(name), name).toEqual(['10.0.0.5']);
    }
    const nameless = world([{ name: 'shop-db-1', ipv4: '10.0.0.5', spec: { Domainname: 'example.org' } }]);
    expect(nameless('shop-db-1.example.org')).toBe('forward');
  });
});

describe("a container's own name that is its service's, too", () => {
  it('is withheld for its health like the service: by name and by host name', () => {
    const sick = { service: 'web', ipv4: '10.0.0.5', health: 'unhealthy' };
    expect(world([{ ...sick, name: 'web' }])('web')).toEqual([]);
    expect(world([{ ...sick, name: 'shop-web-1', spec: { Hostname: 'web' } }])('web')).toEqual([]);
    expect(world([], [peer({ names: ['task', 'web'], service: 'web', withheld: 'unhealthy' })])('web')).toEqual([]);
  });

  it('leads to the virtual address alone, also where a replica runs', () => {
    const here = world([{ name: 'web.1.x', service: 'web', ipv4: '10.0.0.5', spec: { Hostname: 'web' } }], [virtual]);
    expect(here('web')).toEqual(['10.0.0.2']);
    const there = world([], [peer({ names: ['web.1.x', 'web'], service: 'web' }), virtual]);
    expect(there('web')).toEqual(['10.0.0.2']);
  });

  it('stays its own where only an alias repeats it, as docker compose asks for', () => {
    const id = 'abc'.padEnd(12, '1');
    const ask = world([
      {
        id,
        name: 'shop-web-1',
        service: 'web',
        ipv4: '10.0.0.5',
        aliases: ['shop-web-1', 'web', id],
        health: 'starting',
      },
    ]);
    expect([ask('shop-web-1'), ask(id), ask('web')]).toEqual([['10.0.0.5'], ['10.0.0.5'], []]);
  });
});
