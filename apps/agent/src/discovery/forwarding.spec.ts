import { describe, expect, it } from 'vitest';
import type { NodeNames } from '#lib/domain';
import type { Store } from '#lib/store';
import { discoveryState } from './zones.js';

const OWN = '10.0.0.53';
const LEASED = '192.168.11.1';
const DAEMONS = '192.0.2.53';

describe('servers that a container is forwarded to', () => {
  /** Of a container on a network, with these servers of its own and from a lease. */
  const told = (servers: string[], leased: string[], daemons: string[]) => {
    const network = {
      id: 'net',
      name: 'lan',
      target: 'present',
      internal: false,
      options: {},
      pools: [],
      driver: 'nat',
    };
    const endpoint = { networkId: 'net', priority: 0, links: {}, aliases: [], lease: { dns: leased, gateway: '' } };
    const dns = { servers, search: [], options: [], extraHosts: [] };
    const container = { id: 'c', name: 'c', networkMode: 'bridged', endpoints: [endpoint], dns, spec: {}, ports: [] };
    const view = {
      list: (kind: string) => (kind === 'container' ? [container] : kind === 'network' ? [network] : []),
      get: (kind: string) => (kind === 'network' ? { value: network } : undefined),
    };
    const names = { netnsPath: (id: string) => `/run/netns/${id}` };
    const defaults = {
      dns: daemons,
      dnsSearch: [],
      dnsOptions: [],
      node: { search: ['corp.test'], options: ['ndots:2'] },
    };
    const { sandboxes } = discoveryState(
      view as unknown as Store,
      new Map(),
      new Set(['c']),
      names as unknown as NodeNames,
      defaults,
      new Map(),
    );
    return sandboxes[0]!;
  };

  it.each([
    ['its own', [OWN], [LEASED], [OWN], []],
    ['those of its lease, without own ones', [], [LEASED], [LEASED], []],
    ["the daemon's, told apart, without either", [], [], [], [DAEMONS]],
  ])('are %s', (_what, own, leased, upstreams, defaults) => {
    const { upstreams: named, defaultUpstreams } = told(own, leased, [DAEMONS]);
    expect([named, defaultUpstreams]).toEqual([upstreams, defaults]);
  });

  it("go with the search domains of its resolv.conf, also where those are the node's, and with no ndots of the node's", () => {
    expect(told([], [], [])).toMatchObject({ search: ['corp.test'], ndots: 0 });
  });
});
