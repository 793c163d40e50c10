import { describe, expect, it } from 'vitest';
import type { Network } from '#lib/domain';
import type { TraceFacts } from './facts.js';
import { kernelOf, type Broken } from './testing/healthy-kernel.js';
import {
  answered,
  asked,
  from,
  FRONT,
  hears,
  known,
  NEAR,
  network,
  NETWORKS,
  sockets,
  WEB,
} from './testing/trace-facts.js';
import { trace } from './trace.js';

describe('the first thing that is not in the kernel as it should be', () => {
  const WIDE = network('wide', '10.0.1.0/24', {
    driver: 'overlay',
    overlay: { vni: 4097, local: '192.168.7.9', port: 4789, peers: [] } as unknown as Network['overlay'],
  });
  const containers = [known('web', WEB), ...NEAR].map(({ container }) => container);
  const broken = (of: Broken, more: Partial<TraceFacts> = {}) =>
    from(NEAR, { ...asked, listeners: hears('db', '0.0.0.0 80'), kernel: kernelOf(NETWORKS, containers, of), ...more });
  const { names } = kernelOf(NETWORKS, containers);
  const chain = (table: string, hook: string, policy: string, family = 'ip') => [
    { chain: { family, table, name: 'FW', hook, prio: 0, policy } },
  ];
  const outside = { answer: undefined, to: '9.9.9.9' };

  it.each<[string, TraceFacts, string, string, string]>([
    [
      'its own link is down',
      broken({ 'web:eth0': { up: false } }),
      'link',
      'eth0, by which web is on front, is down',
      'skep repairs that within seconds',
    ],
    [
      'its address is gone',
      broken({ 'web:eth0': { addresses: [] } }),
      'link',
      'eth0 of web has lost its address 10.1.0.2 on front: it has none',
      'skep repairs that within seconds',
    ],
    [
      "the other's link is down",
      broken({ 'db:eth0': { up: false } }),
      'link',
      'eth0, by which db is on front, is down',
      'skep repairs that within seconds',
    ],
    [
      'the bridge is gone',
      broken({ 'br-front': undefined }),
      'link',
      'br-front, the link of network front on this node, is gone',
      'skep doctor',
    ],
    ['the bridge is down', broken({ 'br-front': { up: false } }), 'link', 'is down', 'skep doctor'],
    [
      'it is unplugged',
      broken({ [names.veth('db-id', 'front')]: { master: undefined } }),
      'link',
      `${names.veth('db-id', 'front')}, the node's end of eth0, is a port of nothing`,
      'skep doctor',
    ],
    [
      'the network does not get done',
      broken({}, { problemOf: (id) => (id === 'front' ? 'interface eth9 is gone' : undefined) }),
      'link',
      'interface eth9 is gone',
      'skep network inspect front',
    ],
    [
      'a foreign filter for bridges',
      broken({}, { ruleset: chain('guard', 'forward', 'drop', 'bridge') }),
      'rules',
      'the policy of chain bridge guard FW drops it, which is not of skep',
      'nft add rule bridge guard FW iifname',
    ],
    [
      'a foreign filter on the way outside',
      broken({}, { ...outside, ruleset: chain('filter', 'forward', 'drop') }),
      'rules',
      'the policy of chain ip filter FW drops it',
      'nft add rule ip filter FW iifname br-front oifname eth0 accept',
    ],
    [
      'a foreign filter before the node',
      broken(
        {},
        {
          ...outside,
          to: '192.168.7.9',
          port: 22,
          nodeListeners: sockets('0.0.0.0 22'),
          ruleset: chain('filter', 'input', 'drop'),
        },
      ),
      'rules',
      'the policy of chain ip filter FW drops it',
      'iifname br-front accept',
    ],
    [
      'its default route is gone',
      broken({}, { ...outside, routes: [{ destination: '10.1.0.0/24', link: 'eth0' }] }),
      'route',
      'web has no route to 9.9.9.9: its route by 10.1.0.1, the gateway of front, is gone',
      'skep repairs that within seconds',
    ],
  ])('%s', (_what, facts, about, says, advice) => {
    const { reached, checks } = trace(facts);
    expect([reached, checks.at(-1)]).toEqual([
      false,
      { about, state: 'no', says: expect.stringContaining(says), advice: expect.stringContaining(advice) },
    ]);
  });

  describe('inside a container that may change it itself', () => {
    const admin = known('web', { ...WEB, spec: { Image: 'demo', HostConfig: { CapAdd: ['NET_ADMIN'] } } });
    const itself = (of: Broken, more: Partial<TraceFacts> = {}) => {
      const kernel = kernelOf(
        NETWORKS,
        [admin, ...NEAR].map(({ container }) => container),
        of,
      );
      return from(NEAR, { ...asked, listeners: hears('db', '0.0.0.0 80'), kernel, ...more }, admin);
    };

    it.each([
      [itself({ 'web:eth0': { up: false } }), /ip link set eth0 up; or docker restart web$/],
      [itself({ 'web:eth0': { addresses: [] } }), /^docker network disconnect front web; .*docker restart web$/],
      [itself({ 'web:eth0': undefined }), /^docker network disconnect front web; .*docker restart web$/],
      [itself({}, { ...outside, routes: [] }), /^docker network disconnect front web; .*docker restart web$/],
    ])('somebody has to do it: %#', (facts, advice) => {
      const { reached, checks } = trace(facts);
      expect([reached, checks.at(-1)?.advice]).toEqual([false, expect.stringMatching(advice)]);
    });
  });

  describe('of an overlay network', () => {
    const peer = {
      id: 't2',
      names: ['shop.2'],
      sharedNames: ['shop'],
      service: 'shop',
      networkId: 'wide',
      vtep: '192.168.7.8',
      mac: '02:42:00:00:00:02',
      ipv4: '10.0.1.9',
    } as never;
    const web = known('web', { at: { wide: '10.0.1.2' } });
    const routes = [{ destination: '10.0.1.0/24', link: 'eth0' }];
    const entries = (vtep: string) => [
      { table: 'tunnel' as const, mac: '02:42:00:00:00:02', to: vtep },
      { table: 'bridge' as const, mac: '02:42:00:00:00:02' },
      { table: 'neighbour' as const, mac: '02:42:00:00:00:02', to: '10.0.1.9' },
    ];
    const wide = { ...WIDE, overlay: { ...WIDE.overlay!, peers: [peer] } };
    const far = (known_: ReturnType<typeof entries>, more: Partial<TraceFacts> = {}) => {
      const kernel = { ...kernelOf([wide], [web.container]), forwarding: () => known_ };
      return trace(
        from(
          [],
          {
            to: 'shop.2',
            answer: answered('10.0.1.9'),
            port: 80,
            networks: [wide],
            peers: [peer],
            routes,
            kernel,
            ...more,
          },
          web,
        ),
      );
    };

    it('all is well as far as this node sees', () => {
      const { reached, checks } = far(entries('192.168.7.8'));
      expect(reached).toBe(true);
      expect(checks.map(({ about, state }) => `${about} ${state}`)).toEqual([
        'container ok',
        'name ok',
        'network ok',
        'link ok',
        'route ok',
        'tunnel ok',
        'rules ok',
        'listener unseen',
      ]);
      expect(checks.find(({ about }) => about === 'tunnel')?.says).toContain('go to 192.168.7.8');
    });

    it('an entry is not there, or leads elsewhere', () => {
      expect(far([]).checks.at(-1)).toMatchObject({
        state: 'no',
        says: expect.stringContaining('somebody changed its entries'),
      });
      expect(far(entries('192.168.7.7')).checks.at(-1)).toMatchObject({ state: 'no' });
    });

    it('there is no way to the other node', () => {
      const kernel = {
        ...kernelOf([wide], [web.container], { eth0: { up: false } }),
        forwarding: () => entries('192.168.7.8'),
      };
      expect(far([], { kernel }).checks.at(-1)).toMatchObject({
        about: 'tunnel',
        says: expect.stringContaining('at 192.168.7.8: eth0 is down'),
      });
    });

    it('a virtual address is followed to a task, and said where none is ready', () => {
      const service = { id: 's', name: 'shop', virtualAddresses: { wide: { ipv4: '10.0.1.5' } } };
      const backend = { taskId: 't2', local: false, ipv4: '10.0.1.9', withheld: '' };
      const services = (withheld: string) =>
        [{ service, networkId: 'wide', backends: [{ ...backend, withheld }] }] as never;
      const answer = answered('10.0.1.5');
      expect(far(entries('192.168.7.8'), { answer, services: services('') })).toMatchObject({ reached: true });
      expect(far([], { answer, services: services('unhealthy') }).checks.at(-1)).toMatchObject({
        state: 'no',
        says: '10.0.1.5 is the virtual address of service shop, and none of its tasks is ready',
      });
    });

    it('a name of a task on a network of others', () => {
      const other = known('web', WEB);
      const facts = from([], { to: 'shop.2', networks: [FRONT, wide], peers: [peer] }, other);
      expect(trace(facts).checks.at(-1)?.says).toBe(
        'shop.2 is on wide, on another node, and web is not on that network',
      );
    });
  });
});
