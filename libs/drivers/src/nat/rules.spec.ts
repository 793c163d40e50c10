import { describe, expect, it } from 'vitest';
import { NodeNames } from '#lib/domain';
import { attach, container, network, published } from '../testing/fixtures.js';
import { natRules } from './rules.js';

const names = new NodeNames('0123456789abcdef'.repeat(4));
const red = network(names, 'red', ['172.30.0.0/24', 'fd00:30::/64'], { linkName: 'br-red' });
const blue = network(names, 'blue', ['172.31.0.0/24'], { linkName: 'br-blue' });
const inner = network(names, 'inner', ['172.29.0.0/24'], { linkName: 'br-inner', internal: true });

/** The elements of a set or map in the text. */
function elements(text: string, name: string): string[] {
  const body = new RegExp(`(?:set|map) ${name} \\{([^]*?)\\n  \\}`).exec(text)?.[1];
  if (body === undefined) throw new Error(`no ${name} in the rules`);
  return /elements = \{ (.*) \}/.exec(body)?.[1]?.split(', ') ?? [];
}

describe('natRules', () => {
  it('replaces one table of the node', () => {
    const lines = natRules(names, [], []).split('\n');
    expect(lines.slice(0, 3)).toEqual([
      'add table inet skep_0123',
      'delete table inet skep_0123',
      'table inet skep_0123 {',
    ]);
    expect(lines.slice(-2)).toEqual(['}', '']);
  });

  it('gives the same text whatever the order of what it is given', () => {
    const a = container('a', [published(80), published(81)]);
    const b = container('b', [published(82)]);
    attach(red, a, { ipv4: '172.30.0.2' });
    attach(blue, b, { ipv4: '172.31.0.2' });
    expect(natRules(names, [red, blue, inner], [a, b])).toBe(natRules(names, [inner, blue, red], [b, a]));
  });

  it('has the same chains with networks and without', () => {
    const chains = (text: string) => text.slice(text.indexOf('chain guard'));
    expect(chains(natRules(names, [red, blue, inner], []))).toBe(chains(natRules(names, [], [])));
  });

  it('puts networks in sets', () => {
    const text = natRules(names, [red, blue, inner], []);
    expect(elements(text, 'bridges')).toEqual(['"br-blue"', '"br-inner"', '"br-red"']);
    expect(elements(text, 'internal')).toEqual(['"br-inner"']);
    expect(elements(text, 'own4')).toContain('"br-red" . 172.30.0.0/24');
    expect(elements(text, 'own6')).toEqual(['"br-red" . fd00:30::/64']);
    expect(elements(text, 'outbound6')).toEqual(['fd00:30::/64']);
  });

  it('leaves other drivers out', () => {
    const wide = network(names, 'wide', ['10.1.0.0/24'], { driver: 'l2bridge', linkName: 'br-wide' });
    const app = container('app', [published(80)]);
    attach(wide, app, { ipv4: '10.1.0.2' });
    const text = natRules(names, [wide], [app]);
    expect(elements(text, 'bridges')).toEqual([]);
    expect(elements(text, 'ports4')).toEqual([]);
  });

  it('hides who asks a port behind the node where the answer would leave by another network', () => {
    const lan = network(names, 'lan', ['10.1.0.0/24'], { driver: 'transparent', linkName: 'mv-lan' });
    const app = container('app', [published(80)]);
    attach(red, app, { ipv4: '172.30.0.2', ipv6: 'fd00:30::2' });
    expect(elements(natRules(names, [red, lan], [app]), 'hidden4')).toEqual([]);
    const { endpoint } = attach(lan, app, { ipv4: '10.1.0.2' });
    const text = natRules(names, [red, lan], [app]);
    expect([elements(text, 'hidden4'), elements(text, 'hidden6')]).toEqual([['172.30.0.2'], []]);
    // A DHCP server may name no router.
    endpoint.lease = { prefix: 24 } as typeof endpoint.lease;
    expect(elements(natRules(names, [red, lan], [app]), 'hidden4')).toEqual([]);
  });

  it('has overlay networks behind the node', () => {
    const wide = network(names, 'wide', ['10.0.1.0/24'], { driver: 'overlay', linkName: 'br-wide' });
    const app = container('app', [published(80)]);
    attach(wide, app, { ipv4: '10.0.1.2' });
    const text = natRules(names, [wide], [app]);
    expect(elements(text, 'outbound4')).toEqual(['10.0.1.0/24']);
    expect(elements(text, 'ports4')).toEqual(['tcp . 80 : 10.0.1.2 . 80']);
  });

  it('knows which nodes frames of overlay networks come from, and at which address; encrypted ones come by the tunnel', () => {
    const over = (name: string, vni: number, local: string, vteps: string[], more: object = {}) =>
      network(names, name, ['10.0.1.0/24'], {
        driver: 'overlay',
        overlay: { vni, local, port: 4790, peers: vteps.map((vtep) => ({ mac: '06:00:00:00:00:01', vtep })), ...more },
      });
    const encryption = { address: 'fd00::1', underlay: '192.0.2.1', port: 4799, peers: [] };
    const text = natRules(
      names,
      [
        over('wide', 4097, '192.0.2.1', ['192.0.2.3', '192.0.2.2', '192.0.2.3']),
        over('wide6', 4098, '2001:db8::1', ['2001:db8::2', '192.0.2.9']),
        over('secret', 4099, 'fd00::1', ['fd00::2'], { encryption }),
      ],
      [],
    );
    const sets = ['vxlan', 'open', 'sealed', 'ways4', 'ways6', 'nodes4', 'nodes6'];
    expect(sets.map((name) => elements(text, name))).toEqual([
      ['4790'],
      ['4097', '4098'],
      ['4099'],
      ['192.0.2.2 . 192.0.2.1', '192.0.2.3 . 192.0.2.1'],
      ['2001:db8::2 . 2001:db8::1'],
      ['192.0.2.2', '192.0.2.3'],
      ['2001:db8::2'],
    ]);
  });

  it.each([
    ['every address', '', { ports4: ['tcp . 8080 : 172.30.0.2 . 80'], ports6: ['tcp . 8080 : fd00:30::2 . 80'] }],
    ['every IPv4 address', '0.0.0.0', { ports4: ['tcp . 8080 : 172.30.0.2 . 80'] }],
    ['every IPv6 address', '::', { ports6: ['tcp . 8080 : fd00:30::2 . 80'] }],
    ['the loopback', '127.0.0.1', { ports_at4: ['127.0.0.1 . tcp . 8080 : 172.30.0.2 . 80'] }],
    ['an IPv6 address', '2001:DB8:0::1', { ports_at6: ['2001:db8::1 . tcp . 8080 : fd00:30::2 . 80'] }],
    ['the IPv6 loopback, which cannot be', '::1', {}],
    ['what is no address', 'localhost', {}],
    ['an address of one link', 'fe80::1%eth0', {}],
  ])('publishes on %s', (_, hostIp, expected: Record<string, string[]>) => {
    const app = container('app', [published(8080, { hostIp })]);
    attach(red, app, { ipv4: '172.30.0.2', ipv6: 'fd00:30::2' });
    const text = natRules(names, [red], [app]);
    const found = ['ports4', 'ports6', 'ports_at4', 'ports_at6'].map((name) => [name, elements(text, name)] as const);
    expect(Object.fromEntries(found.filter(([, list]) => list.length > 0))).toEqual(expected);
  });

  it('publishes by the endpoint whose gateway has the default route', () => {
    const app = container('app', [published(8080, { hostIp: '0.0.0.0' })]);
    attach(inner, app, { ipv4: '172.29.0.2', gwPriority: 9 });
    attach(red, app, { ipv4: '172.30.0.2' });
    expect(elements(natRules(names, [red, blue, inner], [app]), 'ports4')).toEqual(['tcp . 8080 : 172.30.0.2 . 80']);
    attach(blue, app, { ipv4: '172.31.0.2' });
    expect(elements(natRules(names, [red, blue, inner], [app]), 'ports4')).toEqual(['tcp . 8080 : 172.31.0.2 . 80']);
    app.endpoints[1]!.gwPriority = 1;
    expect(elements(natRules(names, [red, blue, inner], [app]), 'ports4')).toEqual(['tcp . 8080 : 172.30.0.2 . 80']);
  });

  it('publishes nothing of a container on internal networks alone', () => {
    const app = container('app', [published(8080)]);
    attach(inner, app, { ipv4: '172.29.0.2' });
    expect(elements(natRules(names, [inner], [app]), 'ports4')).toEqual([]);
  });

  it('stays one valid table when two containers ask for the same port', () => {
    const [a, b] = [container('a', [published(80)]), container('b', [published(80)])];
    attach(blue, a, { ipv4: '172.31.0.2' });
    attach(blue, b, { ipv4: '172.31.0.3' });
    expect(elements(natRules(names, [blue], [a, b]), 'ports4')).toEqual(['tcp . 80 : 172.31.0.2 . 80']);
  });

  it('does not masquerade where the network says so', () => {
    const shim = 'com.docker.network.windowsshim.';
    const off = { ...blue, options: { [`${shim}enable_outboundnat`]: 'false' } };
    expect(elements(natRules(names, [off], []), 'outbound4')).toEqual([]);
    const some = { ...blue, options: { [`${shim}outboundnat_exceptions`]: '10.0.0.0/8,fd00::/8' } };
    const text = natRules(names, [some], []);
    expect(elements(text, 'plain4')).toEqual(['172.31.0.0/24 . 10.0.0.0/8']);
    expect(elements(text, 'plain6')).toEqual([]);
  });

  it('says by which address the node speaks on links without one, and masquerades elsewhere', () => {
    const lan = network(names, 'lan', ['192.0.2.0/24'], { driver: 'transparent', linkName: 'lan', uplink: 'eth1' });
    const sources = [{ network: lan, address: '192.0.2.1' }];
    const text = natRules(names, [red, lan], [], [], sources);
    expect(elements(text, 'via4')).toEqual(['"lan" : 192.0.2.1']);
    expect(elements(natRules(names, [red, lan], []), 'via4')).toEqual([]);
    const leave = text.slice(text.indexOf('chain leave')).split('\n');
    const at = leave.findIndex((line) => line.includes('ip saddr @outbound4 snat ip to oifname map @via4'));
    expect(leave[at + 1]).toContain('ip saddr @outbound4 masquerade');
    expect(leave[at - 1]).toContain('ip saddr . ip daddr @plain4 accept');
  });

  it.each(['a"b', 'a*', 'a;b', 'a b', ''])('refuses the link name %j', (linkName) => {
    expect(() => natRules(names, [{ ...blue, linkName }], [])).toThrow(/network blue: link name/);
  });

  it('leaves out a port on what is no address, and has those of others', () => {
    const app = container('app', [published(80, { hostIp: '1.2.3.4 } drop' }), published(81)]);
    attach(blue, app, { ipv4: '172.31.0.2' });
    const text = natRules(names, [blue], [app]);
    expect(elements(text, 'ports_at4')).toEqual([]);
    expect(elements(text, 'ports4')).toEqual(['tcp . 81 : 172.31.0.2 . 80']);
  });
});
