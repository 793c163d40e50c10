import { describe, expect, it } from 'vitest';
import type { Backend, Network, PortConfig, ServiceBackends } from '#lib/domain';
import type { TraceFacts } from './facts.js';
import { kernelOf } from './testing/healthy-kernel.js';
import { from, hears, known, network, NETWORKS, WEB } from './testing/trace-facts.js';
import { trace } from './trace.js';

const OVERLAY_PEER = { mac: '02:42:0a:00:00:05', ipv4: '10.0.0.5', vtep: '192.168.7.8' };
const INGRESS = network('ingress', '10.0.0.0/24', {
  driver: 'overlay',
  overlay: {
    vni: 4096,
    local: '192.168.7.9',
    port: 4789,
    peers: [OVERLAY_PEER],
    ingress: true,
  } as unknown as Network['overlay'],
});
const PEER = {
  id: 't2',
  names: ['shop.2'],
  sharedNames: ['shop'],
  service: 'shop',
  networkId: 'ingress',
  ...OVERLAY_PEER,
} as unknown as TraceFacts['peers'][number];
const HTTP: PortConfig = { Protocol: 'tcp', TargetPort: 80, PublishedPort: 8080, PublishMode: 'ingress' };
const HERE: Backend = { taskId: 't1', local: true, ipv4: '10.0.0.4', withheld: '' };
const AWAY: Backend = { taskId: 't2', local: false, ipv4: '10.0.0.5', withheld: '' };
const shop = (backends: Backend[], ports = [HTTP]): ServiceBackends => ({
  service: { id: 's', name: 'shop', virtualAddresses: {}, aliases: {}, ports },
  networkId: 'ingress',
  backends,
});

describe('a port that every node publishes for a service', () => {
  const replica = known('shop.1', { at: { ingress: '10.0.0.4' } });
  const web = known('web', WEB);
  const networks = [...NETWORKS, INGRESS];
  const told = [
    { table: 'tunnel' as const, mac: PEER.mac, to: PEER.vtep },
    { table: 'bridge' as const, mac: PEER.mac },
    { table: 'neighbour' as const, mac: PEER.mac, to: '10.0.0.5' },
  ];
  const run = (services: ServiceBackends[], more: Partial<TraceFacts> = {}) => {
    const healthy = kernelOf(
      networks,
      [web, replica].map(({ container }) => container),
    );
    const kernel = { ...healthy, forwarding: () => told };
    const at = { to: '192.168.7.9', port: 8080, listeners: hears('shop.1', '0.0.0.0 80') };
    return trace(from([replica], { ...at, networks, kernel, services, peers: [PEER], ...more }, web));
  };

  it('leads to a task of this node', () => {
    const { reached, checks } = run([shop([HERE, AWAY])]);
    expect(reached, JSON.stringify(checks)).toBe(true);
    expect(checks.map(({ says }) => says)).toContain(
      'port 8080/tcp of every node leads to service shop: 2 answer, port 80 of shop.1 is followed',
    );
    expect(checks.at(-1)).toEqual({ about: 'listener', state: 'ok', says: 'shop.1 listens at 80/tcp' });
  });

  it('leads to a task of another node, by the tunnel', () => {
    const { reached, checks } = run([shop([{ ...HERE, withheld: 'unhealthy' }, AWAY])]);
    expect(reached, JSON.stringify(checks)).toBe(true);
    expect(checks.map(({ says }) => says)).toContain(
      'port 8080/tcp of every node leads to service shop: 1 answers, port 80 of shop.2 on another node is followed',
    );
    expect(checks.map(({ about, state }) => `${about} ${state}`).slice(-4)).toEqual([
      'tunnel ok',
      'rules ok',
      'rules ok',
      'listener unseen',
    ]);
  });

  it('passes the rules as a packet for the task', () => {
    const chain = { family: 'ip', table: 'guard', name: 'FORWARD' };
    const daddr = { match: { op: '==', left: { payload: { protocol: 'ip', field: 'daddr' } }, right: '10.0.0.5' } };
    const ruleset = [
      { chain: { ...chain, hook: 'forward', prio: 0, policy: 'accept' } },
      { rule: { family: 'ip', table: 'guard', chain: 'FORWARD', handle: 7, expr: [daddr, { drop: null }] } },
    ];
    expect(run([shop([AWAY])], { ruleset }).checks.at(-1)).toMatchObject({
      about: 'rules',
      state: 'no',
      says: 'a rule of chain ip guard FORWARD (handle 7) drops it, which is not of skep',
    });
  });

  it('leads nowhere where no task is ready, or none has an address of that kind', () => {
    const last = (services: ServiceBackends[], more?: Partial<TraceFacts>) => run(services, more).checks.at(-1);
    expect(last([shop([{ ...HERE, withheld: 'unhealthy' }])])).toEqual({
      about: 'network',
      state: 'no',
      says: 'port 8080/tcp of every node leads to service shop, and none of its tasks is ready',
      advice: 'docker service ps shop',
    });
    expect(last([shop([HERE])], { to: 'fd12::9', nodeAddresses: ['fd12::9'] })?.says).toContain(
      'none of its tasks has an IPv6 address',
    );
  });

  it('is not one that a service publishes on the nodes of its tasks, nor another protocol', () => {
    for (const port of [
      { ...HTTP, PublishMode: 'host' as const },
      { ...HTTP, Protocol: 'udp' as const },
    ]) {
      expect(run([shop([HERE], [port])]).checks.at(-1)?.says).toContain('no container publishes port 8080/tcp');
    }
  });
});
