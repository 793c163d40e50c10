import { describe, expect, it } from 'vitest';
import { member, replica, sandbox, zone } from '../fixtures.js';
import { addressText } from '../wire/address.js';
import { TYPE } from '../wire/constants.js';
import { nameKey } from '../wire/name.js';
import type { Member, Sandbox, Zone } from './model.js';
import { NameTable, type Owned } from './name-table.js';

function table(zones: Zone[], asker: Sandbox): NameTable {
  const names = new NameTable();
  for (const each of zones) names.setZone(each);
  names.setSandbox(asker);
  return names;
}

const resolve = (names: NameTable, name: string, type: number = TYPE.A) =>
  names.resolve('asker', nameKey(name)!, type)!;

/** Addresses that a name leads to, or what else is done about it. */
function addresses(names: NameTable, name: string, type: number = TYPE.A): string[] | string {
  const resolution = resolve(names, name, type);
  if (resolution.kind !== 'owned') return resolution.kind;
  const length = type === TYPE.A ? 4 : 16;
  return (resolution.set?.records ?? []).map((record) => addressText(record.subarray(-length)));
}

const one = (members: Member[], more: Partial<Sandbox> = {}) =>
  table([zone('front', members)], sandbox(['front'], more));

describe('names of containers', () => {
  const names = one([
    member('db', ['10.0.0.2', '2001:db8::2'], { names: ['db', 'Primary', '646200000000'], sharedNames: ['store'] }),
  ]);

  it.each(['db', 'DB', 'primary', '646200000000', 'store', 'db.front', 'Db.FRONT', 'primary.front', 'store.front'])(
    '%s',
    (name) => {
      expect(addresses(names, name)).toEqual(['10.0.0.2']);
      expect(addresses(names, name, TYPE.AAAA)).toEqual(['2001:db8::2']);
    },
  );

  it.each([
    ['db', 'container name'],
    ['primary', 'hostname'],
    ['646200000000', 'short id'],
    ['store', 'network alias'],
    ['store.front', 'network alias, with its network'],
  ])('%s is a %s', (name, rule) => {
    expect(resolve(names, name)).toMatchObject({ kind: 'owned', rule, network: 'front' });
  });

  it('has nothing of another type, and does not forward it', () => {
    expect(resolve(names, 'db', TYPE.MX)).toMatchObject({ kind: 'owned', set: undefined });
    expect(resolve(one([member('v4', '10.0.0.9')]), 'v4', TYPE.AAAA)).toMatchObject({ kind: 'owned', set: undefined });
  });

  it('answers a container by its own name while it is unhealthy, and not when it is stopped', () => {
    const unhealthy = one([member('db', '10.0.0.2', { withheld: 'unhealthy' })]);
    expect(addresses(unhealthy, 'db')).toEqual(['10.0.0.2']);
    const stopped = one([member('db', '10.0.0.2', { withheld: 'exited', stopped: true })]);
    expect(addresses(stopped, 'db')).toEqual([]);
    expect((resolve(stopped, 'db') as Owned).omitted).toEqual([{ what: 'db', why: 'exited' }]);
  });
});

describe('services', () => {
  const replicas = [
    replica('web', 1, '10.0.0.11', { ports: [{ protocol: 'tcp', port: 80 }] }),
    replica('web', 2, '10.0.0.12', { withheld: 'unhealthy', ports: [{ protocol: 'tcp', port: 80 }] }),
    replica('web', 3, '10.0.0.13', { withheld: 'exited', stopped: true }),
    replica('web', 4, '10.0.0.10', { ports: [{ protocol: 'tcp', port: 80 }] }),
  ];
  const names = one(replicas);

  it('leads to every ready replica, and says who is left out', () => {
    expect(addresses(names, 'web')).toEqual(['10.0.0.10', '10.0.0.11']);
    expect(resolve(names, 'web')).toMatchObject({
      rule: 'service name',
      omitted: [
        { what: 'web-2', why: 'unhealthy' },
        { what: 'web-3', why: 'exited' },
      ],
    });
  });

  it('tasks.<service> leads to every one that runs', () => {
    expect(addresses(names, 'tasks.web')).toEqual(['10.0.0.10', '10.0.0.11', '10.0.0.12']);
    expect(addresses(names, 'tasks.web.front')).toEqual(['10.0.0.10', '10.0.0.11', '10.0.0.12']);
  });

  it('keeps the name when nobody is ready: no answer, and not forwarded', () => {
    const none = one([replica('web', 1, '10.0.0.11', { withheld: 'health: starting' })], { ndots: 0 });
    expect(addresses(none, 'web')).toEqual([]);
  });

  it('leaves an unhealthy replica out although its hostname or container name is the name of the service', () => {
    const same = one([member('web', '10.0.0.2', { service: 'web', sharedNames: ['web'], withheld: 'unhealthy' })]);
    expect(addresses(same, 'web')).toEqual([]);
  });

  it('joins everybody who has a name, in whatever way', () => {
    const both = one([
      member('web', '10.0.0.9'),
      replica('web', 1, '10.0.0.1'),
      member('x', '10.0.0.5', { sharedNames: ['web'] }),
    ]);
    expect(addresses(both, 'web')).toEqual(['10.0.0.1', '10.0.0.5', '10.0.0.9']);
    expect(resolve(both, 'web')).toMatchObject({ rule: 'service name' });
  });

  it('SRV gives port and target of every ready replica, with addresses', () => {
    const { set } = resolve(names, '_80._TCP.web', TYPE.SRV) as Owned;
    expect(set).toMatchObject({ count: 2 });
    expect(set!.additional).toHaveLength(2);
    const target = Buffer.from(nameKey('web-4.front')!, 'latin1');
    expect(set!.records[0]!.subarray(-target.length)).toEqual(target);
    expect(resolve(names, '_80._tcp.web.front', TYPE.SRV)).toMatchObject({ set: { count: 2 } });
    expect(resolve(names, '_81._tcp.web', TYPE.SRV)).toMatchObject({ kind: 'forward' });
  });
});

describe('an asker that shared names leave out', () => {
  const me = (more: Partial<Member> = {}) => ({ containerId: 'asker', withheld: 'health: starting', ...more });
  const members = [
    replica('web', 1, '10.0.0.11'),
    replica('web', 2, ['10.0.0.12', '2001:db8::12'], me({ sharedNames: ['web', 'shop'] })),
    replica('web', 3, '10.0.0.13', { withheld: 'unhealthy', sharedNames: ['web', 'shop'] }),
  ];

  it('finds itself there, among those whom everybody finds', () => {
    const names = one(members);
    for (const name of ['web', 'WEB.front']) expect(addresses(names, name)).toEqual(['10.0.0.11', '10.0.0.12']);
    for (const name of ['shop', 'shop.front']) expect(addresses(names, name)).toEqual(['10.0.0.12']);
    expect(addresses(names, 'web', TYPE.AAAA)).toEqual(['2001:db8::12']);
    expect(resolve(names, 'web')).toMatchObject({
      rule: 'service name; the asker finds itself, others do not (health: starting)',
      omitted: [{ what: 'web-3', why: 'unhealthy' }],
    });
  });

  it('is found by nobody else', () => {
    const names = one(members);
    names.setSandbox(sandbox(['front'], { id: 'other' }));
    expect(names.resolve('other', nameKey('web')!, TYPE.A)).toMatchObject({ set: { count: 1 } });
    expect(names.resolve('other', nameKey('shop')!, TYPE.A)).toMatchObject({ kind: 'owned', set: undefined });
  });

  it('has no process, or is healthy: as for everybody', () => {
    const gone = one([replica('web', 1, '10.0.0.12', me({ withheld: 'exited', stopped: true }))]);
    expect(addresses(gone, 'web')).toEqual([]);
    expect(resolve(one([replica('web', 1, '10.0.0.12', me({ withheld: '' }))]), 'web')).toMatchObject({
      rule: 'service name',
    });
  });

  it('does not find itself behind a virtual address, nor in a network that does not go first', () => {
    const virtual = member('web', '10.0.0.2', { service: 'web', names: [], sharedNames: ['web'], virtual: true });
    expect(addresses(one([virtual, ...members]), 'web')).toEqual(['10.0.0.2']);
    const zones = [zone('back', [member('web', '10.1.0.1')]), zone('front', members)];
    const names = table(zones, sandbox(['back', 'front']));
    expect(addresses(names, 'web')).toEqual(['10.1.0.1']);
    expect(addresses(names, 'web.front')).toEqual(['10.0.0.11', '10.0.0.12']);
  });
});

describe('a service with a virtual address', () => {
  const port = [{ protocol: 'tcp', port: 80 }];
  const virtual = member('web', '10.0.0.2', { service: 'web', names: [], sharedNames: ['web', 'shop'], virtual: true });
  const names = one([
    virtual,
    replica('web', 1, '10.0.0.11', { sharedNames: ['web', 'shop', 'odd'], ports: port }),
    replica('web', 2, '10.0.0.12', { withheld: 'unhealthy', ports: port }),
    replica('web', 3, '10.0.0.13', { withheld: 'leaving', stopped: true }),
    replica('api', 1, '10.0.0.21'),
  ]);

  it('leads to that address by its name and its aliases', () => {
    for (const name of ['web', 'WEB.front', 'shop', 'shop.front']) expect(addresses(names, name)).toEqual(['10.0.0.2']);
    expect(resolve(names, 'web')).toMatchObject({
      rule: "service name, by the service's virtual address",
      omitted: [
        { what: 'web-2', why: 'unhealthy' },
        { what: 'web-3', why: 'leaving' },
      ],
    });
    expect(resolve(names, 'shop')).toMatchObject({ rule: "network alias, by the service's virtual address" });
  });

  it('keeps to itself: names that it does not have, and other services, lead to replicas', () => {
    expect(addresses(names, 'odd')).toEqual(['10.0.0.11']);
    expect(addresses(names, 'api')).toEqual(['10.0.0.21']);
  });

  it('has its replicas as tasks.<service> and tasks.<alias>, without those that leave', () => {
    expect(addresses(names, 'tasks.web')).toEqual(['10.0.0.11', '10.0.0.12']);
    expect(addresses(names, 'tasks.shop')).toEqual(['10.0.0.11']);
    expect(addresses(names, 'tasks.nobody')).toBe('forward');
  });

  it('gives ports of the replicas that are ready', () => {
    const { set } = resolve(names, '_80._tcp.web', TYPE.SRV) as Owned;
    const target = Buffer.from(nameKey('web-1.front')!, 'latin1');
    expect(set!.records.map((record) => record.subarray(-target.length))).toEqual([target]);
  });

  it('is there while no replica is: a caller is refused by the address, and not left without one', () => {
    expect(addresses(one([virtual]), 'web')).toEqual(['10.0.0.2']);
  });

  it('PTR leads to the service’s name', () => {
    const { set } = resolve(names, '2.0.0.10.in-addr.arpa', TYPE.PTR) as Owned;
    const target = Buffer.from(nameKey('web.front')!, 'latin1');
    expect(set!.records[0]!.subarray(-target.length)).toEqual(target);
  });
});

describe('scope', () => {
  const zones = [
    zone('back', [member('db', '10.1.0.2'), member('cache', '10.1.0.3')]),
    zone('front', [member('db', '10.2.0.2', { withheld: 'unhealthy' })]),
    zone('other', [member('secret', '10.3.0.2')]),
  ];

  it("the first of the asker's networks that has the name answers, alone", () => {
    expect(addresses(table(zones, sandbox(['back', 'front'])), 'db')).toEqual(['10.1.0.2']);
    const turned = table(zones, sandbox(['front', 'back']));
    expect(addresses(turned, 'db')).toEqual(['10.2.0.2']);
    expect(addresses(turned, 'cache')).toEqual(['10.1.0.3']);
    expect(resolve(turned, 'db')).toMatchObject({ omitted: [{ what: 'db of back', why: 'front goes first' }] });
  });

  it('a name with its network is of that network', () => {
    expect(addresses(table(zones, sandbox(['back', 'front'])), 'db.front')).toEqual(['10.2.0.2']);
  });

  it('nothing is known of other networks', () => {
    const names = table(zones, sandbox(['back', 'front']));
    expect(addresses(names, 'secret')).toBe('refused');
    expect(addresses(names, 'secret.other')).toBe('forward');
    expect(resolve(names, '2.0.3.10.in-addr.arpa', TYPE.PTR)).toMatchObject({ kind: 'forward' });
  });

  it('a network that is told again or removed', () => {
    const names = table(zones, sandbox(['back', 'front']));
    names.setZone(zone('back', [member('cache', '10.1.0.4')]));
    expect([addresses(names, 'cache'), addresses(names, 'db')]).toEqual([['10.1.0.4'], ['10.2.0.2']]);
    names.removeZone('id-front');
    expect(addresses(names, 'db')).toBe('refused');
    names.removeSandbox('asker');
    expect(names.resolve('asker', nameKey('cache')!, TYPE.A)).toBeUndefined();
  });
});

describe('links', () => {
  const members = [member('postgres-1', '10.0.0.5'), member('db', '10.0.0.6')];

  it('go before names, for that asker alone', () => {
    expect(addresses(one(members, { links: { DB: 'postgres-1' } }), 'db')).toEqual(['10.0.0.5']);
    expect(addresses(one(members), 'db')).toEqual(['10.0.0.6']);
  });

  it('are known names even when they lead nowhere', () => {
    const names = one(members, { links: { db: 'gone' }, ndots: 0 });
    expect(addresses(names, 'db')).toEqual([]);
    expect(resolve(names, 'db')).toMatchObject({ rule: 'link to gone', omitted: [{ what: 'gone' }] });
  });
});

describe('addresses', () => {
  it('PTR leads to container and network', () => {
    const names = one([member('db', ['10.0.0.2', '2001:db8::2'])]);
    for (const address of ['2.0.0.10.in-addr.arpa', `2.${'0.'.repeat(23)}8.b.d.0.1.0.0.2.ip6.arpa`]) {
      const { set } = resolve(names, address, TYPE.PTR) as Owned;
      const target = Buffer.from(nameKey('db.front')!, 'latin1');
      expect(set!.records[0]!.subarray(-target.length)).toEqual(target);
    }
  });
});

describe('the node', () => {
  it.each(['host.docker.internal', 'gateway.docker.internal'])(
    '%s is the gateway of the first network that has one',
    (name) => {
      const zones = [zone('a', []), zone('b', [], { gateway: '10.2.0.1' }), zone('c', [], { gateway: '10.3.0.1' })];
      expect(addresses(table(zones, sandbox(['a', 'b', 'c'])), name)).toEqual(['10.2.0.1']);
      expect(addresses(table(zones, sandbox(['a'])), name)).toEqual([]);
    },
  );
});

describe('names of others', () => {
  const zones = [
    zone('front', [], { upstreams: ['10.0.0.53'] }),
    zone('vault', [], { internal: true, upstreams: ['10.9.9.9'] }),
  ];

  it.each([
    ['one label', 'elsewhere', 1, 'refused'],
    ['one label and ndots 0', 'elsewhere', 0, 'forward'],
    ['several labels', 'www.example.com', 1, 'forward'],
  ])('%s', (_what, name, ndots, kind) => {
    expect(resolve(table(zones, sandbox(['front'], { ndots })), name)).toMatchObject({ kind });
  });

  it("goes to the network's servers, then the container's; never to those of an internal network", () => {
    const names = table(zones, sandbox(['vault', 'front'], { upstreams: ['1.1.1.1', '10.0.0.53'] }));
    expect(resolve(names, 'www.example.com')).toMatchObject({ upstreams: ['10.0.0.53', '1.1.1.1'], defaults: [] });
  });

  it("the daemon's are told apart from them", () => {
    const names = table(zones, sandbox(['vault', 'front'], { defaultUpstreams: ['1.1.1.1', '10.0.0.53'] }));
    expect(resolve(names, 'www.example.com')).toMatchObject({ upstreams: ['10.0.0.53'], defaults: ['1.1.1.1'] });
  });

  it('nothing leaves a container that is on internal networks only', () => {
    const names = table(zones, sandbox(['vault'], { upstreams: ['1.1.1.1'] }));
    expect(resolve(names, 'www.example.com')).toMatchObject({
      kind: 'refused',
      rule: expect.stringContaining('internal'),
    });
  });
});
