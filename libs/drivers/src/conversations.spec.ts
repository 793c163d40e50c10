import { describe, expect, it } from 'vitest';
import {
  NodeNames,
  type Backend,
  type Network,
  type ObservedLink,
  type PortConfig,
  type ServiceBackends,
} from '#lib/domain';
import type { Conversation, Speaker } from '#lib/host';
import { portWays, strayBehind } from './conversations.js';
import { attach, container, network, published } from './testing/fixtures.js';

const speaker = (text: string): Speaker => ({
  address: text.replace(/:\d+$/, ''),
  port: Number(/:(\d+)$/.exec(text)?.[1]),
});
const CLIENT = '198.51.100.9:4000';
const conversation = (to: string, by: string, from = CLIENT, back = from): Conversation => ({
  from: speaker(from),
  to: speaker(to),
  with: speaker(by),
  back: speaker(back),
});

describe('conversations by a virtual address', () => {
  const have = [
    { address: '10.0.1.2', to: ['10.0.1.7', '10.0.1.8'] },
    { address: '10.0.1.3', to: ['10.0.1.9'] },
  ];

  it('end with a target that it lost, and no others', () => {
    const stray = strayBehind(have, [{ address: '10.0.1.2', to: ['10.0.1.8', '10.0.1.9'] }, have[1]!])!;
    expect(stray(conversation('10.0.1.2:53', '10.0.1.7:53'))).toBe(true);
    expect(stray(conversation('10.0.1.2:53', '10.0.1.8:53'))).toBe(false);
    expect(stray(conversation('10.0.1.3:53', '10.0.1.9:53'))).toBe(false);
    expect(stray(conversation('10.0.1.7:53', '10.0.1.7:53'))).toBe(false);
  });

  it('end all when the address is none any more', () => {
    const stray = strayBehind(have, [have[0]!])!;
    expect(stray(conversation('10.0.1.3:53', '10.0.1.9:53'))).toBe(true);
    expect(stray(conversation('10.0.1.2:53', '10.0.1.7:53'))).toBe(false);
  });

  it('are not looked for when targets only came, or took other turns', () => {
    expect(strayBehind([], have)).toBeUndefined();
    expect(strayBehind(have, [{ address: '10.0.1.2', to: ['10.0.1.8', '10.0.1.7', '10.0.1.6'] }, have[1]!])).toBe(
      undefined,
    );
  });
});

describe('conversations with the node', () => {
  const names = new NodeNames('0123456789abcdef'.repeat(4));
  const red = network(names, 'red', ['172.30.0.0/24', 'fd00:30::/64']);
  const overlay = { vni: 4096, local: '192.0.2.1', port: 4789, peers: [], ingress: true as const };
  const ingress = network(names, 'ingress', ['10.0.0.0/24'], { driver: 'overlay', overlay });
  const udp = (port: number, more = {}) => published(port, { protocol: 'udp', containerPort: 53, ...more });
  const web = container('web', [udp(5353), udp(5354, { hostIp: '127.0.0.1' }), published(8080)]);
  attach(red, web, { ipv4: '172.30.0.10', ipv6: 'fd00:30::10' });
  const node: ObservedLink = {
    index: 2,
    name: 'up0',
    kind: '',
    up: true,
    mac: '',
    mtu: 1500,
    addresses: ['192.0.2.1/24', '2001:db8::1/64'],
  };
  const port: PortConfig = { Protocol: 'udp', TargetPort: 53, PublishedPort: 8053, PublishMode: 'ingress' };
  const backend = (n: number, withheld = ''): Backend => ({
    taskId: `t${n}`,
    local: false,
    ipv4: `10.0.0.${n}`,
    withheld,
  });
  const service = (...backends: Backend[]): ServiceBackends => ({
    service: { id: 's', name: 'dns', virtualAddresses: {}, aliases: {}, ports: [port] },
    networkId: ingress.id,
    backends,
  });
  const ways = (services: ServiceBackends[] = [], containers = [web], more: Network[] = []) =>
    portWays({
      names,
      networks: [red, ingress, ...more],
      containers,
      attached: containers,
      services,
      links: new Map([['up0', node]]),
    });

  it.each([
    ['192.0.2.1:5353', '172.30.0.10:53', false],
    ['192.0.2.1:5353', '172.30.0.11:53', true],
    ['192.0.2.1:5353', '172.30.0.10:54', true],
    ['2001:db8::1:5353', 'fd00:30::10:53', false],
    ['2001:db8::1:5353', 'fd00:30::11:53', true],
    // Begun when nobody was there; the node itself would answer, for ever.
    ['192.0.2.1:5353', '192.0.2.1:5353', true],
    ['127.0.0.1:5354', '172.30.0.10:53', false],
    ['127.0.0.1:5354', '172.30.0.11:53', true],
    // That port is not published at this address.
    ['192.0.2.1:5354', '192.0.2.1:5354', false],
    // Nothing is published there any more.
    ['192.0.2.1:5355', '172.30.0.10:53', true],
    // Somebody else's translation, and what only passes through.
    ['192.0.2.1:5355', '198.51.100.7:53', false],
    ['198.51.100.1:5353', '198.51.100.7:53', false],
    ['172.30.0.10:53', '172.30.0.10:53', false],
  ])('to %s that %s answers: %s', (to, by, stray) => {
    expect(ways().stray(conversation(to, by))).toBe(stray);
  });

  it.each([
    // A trunk that a container spoke to which is gone: it answers at the port of the one that came after it.
    ['172.30.0.11:5353', '192.0.2.1:5353', true],
    // The one that the port leads to, and one that has the number by chance.
    ['172.30.0.10:5353', '192.0.2.1:5353', false],
    ['172.30.0.12:5353', '192.0.2.1:5353', false],
    // Nothing is published there.
    ['172.30.0.11:5355', '192.0.2.1:5355', false],
    // Somebody else's containers, which the node translates as well.
    ['172.17.0.2:5353', '192.0.2.1:5353', false],
    // The node's own, and what was not translated.
    ['192.0.2.1:5353', '192.0.2.1:5353', false],
    ['172.30.0.11:5353', '172.30.0.11:5353', false],
  ])('that %s began and that come back to %s: %s', (from, back, stray) => {
    const { container: other } = attach(red, container('other'), { ipv4: '172.30.0.12' });
    const trunk = '198.51.100.7:5353';
    expect(ways([], [web, other]).stray(conversation(trunk, trunk, from, back))).toBe(stray);
  });

  it('begin anew where the answers leave by another network by now, so that they come by the node', () => {
    const both = container('both', [udp(5360)]);
    attach(red, both, { ipv4: '172.30.0.20' });
    const asked = conversation('192.0.2.1:5360', '172.30.0.20:53');
    const before = ways([], [both]);
    expect(before.stray(asked)).toBe(false);
    const lan = network(names, 'lan', ['198.51.100.0/24'], { driver: 'transparent' });
    attach(lan, both, { ipv4: '198.51.100.20' });
    const after = ways([], [both], [lan]);
    expect(after.text).not.toBe(before.text);
    expect(after.stray(asked)).toBe(true);
    expect(after.stray(conversation('192.0.2.1:5360', '172.30.0.20:53', CLIENT, '172.30.0.1:4000'))).toBe(false);
  });

  it('go from a replica that nothing new is sent to', () => {
    const both = ways([service(backend(7), backend(8))]);
    const one = ways([service(backend(7, 'leaving'), backend(8))]);
    const asked = conversation('192.0.2.1:8053', '10.0.0.7:53');
    expect([both.stray(asked), one.stray(asked)]).toEqual([false, true]);
    expect(one.stray(conversation('192.0.2.1:8053', '10.0.0.8:53'))).toBe(false);
    expect(one.text).not.toBe(both.text);
  });

  it('are the same ways while only TCP ports change', () => {
    const more = container('more', [published(9000)]);
    attach(red, more, { ipv4: '172.30.0.12' });
    expect(ways([], [web, more]).text).toBe(ways().text);
  });
});
