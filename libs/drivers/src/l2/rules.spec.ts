import { describe, expect, it } from 'vitest';
import { NodeNames, type Network, type ObservedLink } from '#lib/domain';
import type { RuleInput } from '../rule-source.js';
import { attach, container, network } from '../testing/fixtures.js';
import { cableOf } from './cable.js';
import { segmentAnchors, segmentRules } from './rules.js';

const names = new NodeNames('0123456789abcdef'.repeat(4));
const MAC = '52:54:00:12:34:56';
const make = (more: Partial<Network>) =>
  network(names, 'lan', ['192.0.2.0/24'], { id: 'aaaabbbb'.repeat(8), driver: 'l2bridge', uplink: 'eth0', ...more });

function linksOf(...networks: Network[]): Map<string, ObservedLink> {
  const made = networks.flatMap((each) => Object.values(cableOf(each, names) ?? {}) as string[]);
  const link = (name: string, index: number): ObservedLink => {
    return { index: index + 1, name, kind: 'veth', up: true, mac: MAC, mtu: 1500, addresses: [] };
  };
  return new Map([...new Set(made)].map((name, index) => [name, link(name, index)]));
}

const input = (networks: Network[], more: Partial<RuleInput> = {}): RuleInput => {
  return { names, networks, containers: [], attached: [], services: [], links: linksOf(...networks), ...more };
};
const chainsIn = (text: string) => [...text.matchAll(/chain (\w+) \{\n\s+type filter hook (\w+) device "(\S+)"/g)];
const elements = (text: string, map: string) =>
  new RegExp(`map ${map} \\{[^}]*?elements = \\{ ([^}]*) \\}`).exec(text)?.[1]?.split(', ');

describe('segmentRules', () => {
  it('takes the table away when there is no such network', () => {
    const nothing = 'add table netdev skep_0123\ndelete table netdev skep_0123\n';
    expect(segmentRules(input([]))).toBe(nothing);
    expect(segmentRules(input([make({ driver: 'nat', uplink: undefined })]))).toBe(nothing);
    expect(segmentRules(input([make({ uplink: undefined })]))).toBe(nothing);
  });

  it('leaves networks out whose links are not there yet, because rules hang on links', () => {
    const lan = make({});
    for (const gone of [cableOf(lan, names)!.wire, cableOf(lan, names)!.port, 'eth0']) {
      const links = linksOf(lan);
      links.delete(gone);
      expect(chainsIn(segmentRules(input([lan], { links })))).toEqual([]);
    }
  });

  it('hangs chains on the uplink and on both ends of the cable', () => {
    const places = (lan: Network) => chainsIn(segmentRules(input([lan]))).map(([, ...place]) => place);
    expect(places(make({}))).toEqual([
      ['leave_aaaabbbb', 'egress', 'sk0123paaaabbbb'],
      ['send_aaaabbbb', 'ingress', 'sk0123waaaabbbb'],
      ['arrive_aaaabbbb', 'ingress', 'eth0'],
      ['call_aaaabbbb', 'egress', 'eth0'],
    ]);
    expect(places(make({ driver: 'l2tunnel', vlan: 7 }))).toEqual([
      ['leave_aaaabbbb', 'egress', 'sk0123paaaabbbb'],
      ['send_aaaabbbb', 'ingress', 'sk0123waaaabbbb'],
      ['arrive_aaaabbbb', 'ingress', 'sk0123laaaabbbb'],
    ]);
  });

  it('knows every endpoint of the network by its addresses, with IPv6 by its link-local one as well', () => {
    const lan = make({ enableIPv6: true });
    const web = container('web');
    attach(lan, web, { ipv4: '192.0.2.9', ipv6: '2001:db8::9', mac: '02:11:22:33:44:55' });
    attach(make({ id: 'c'.repeat(64) }), web, { ipv4: '198.51.100.9' });
    const text = segmentRules(input([lan], { attached: [web] }));
    // 0211 + 2233 + 6278 = 5254 + 0012 + 3456
    const mac = '02:11:22:33:62:78';
    expect(elements(text, 'mac4_aaaabbbb')).toEqual([`192.0.2.9 : ${mac}`]);
    expect(elements(text, 'mac6_aaaabbbb')).toEqual([`2001:db8::9 : ${mac}`, `fe80::11:22ff:fe33:6278 : ${mac}`]);
  });

  it('leads an address that two containers have to the first one', () => {
    const lan = make({});
    const [web, late] = [container('web'), container('late')];
    attach(lan, web, { ipv4: '192.0.2.9', mac: '02:11:22:33:44:55' });
    attach(lan, late, { ipv4: '192.0.2.9', mac: '02:11:22:33:44:66' });
    const text = segmentRules(input([lan], { attached: [web, late] }));
    expect(elements(text, 'mac4_aaaabbbb')).toEqual(['192.0.2.9 : 02:11:22:33:44:55']);
  });

  it('is another text when a link was made again or has another MAC', () => {
    const lan = make({});
    const texts = [{}, { index: 99 }, { mac: '52:54:00:12:34:57' }].map((change) => {
      const links = linksOf(lan);
      links.set('eth0', { ...links.get('eth0')!, ...change });
      return [segmentAnchors(input([lan], { links })), segmentRules(input([lan], { links }))];
    });
    expect(new Set(texts.map(([anchors]) => anchors)).size).toBe(3);
    expect(new Set(texts.map(([, rules]) => rules)).size).toBe(3);
  });

  it('is asked for anew when one that was to end has ended', () => {
    const [lan, web] = [make({}), container('web')];
    attach(lan, web, { ipv4: '192.0.2.9' });
    const anchors = [[], [web], [web, container('elsewhere')]].map((each) =>
      segmentAnchors(input([lan], { attached: each })),
    );
    expect(anchors[1]).not.toBe(anchors[0]);
    expect(anchors[2]).toBe(anchors[1]);
  });

  it('is the same text whatever the order of what it is given', () => {
    const both = [make({}), make({ id: 'b'.repeat(64), uplink: 'eth1' })];
    const links = linksOf(...both);
    expect(segmentRules(input(both, { links }))).toBe(segmentRules(input([...both].reverse(), { links })));
  });

  it('refuses a name that would end its string', () => {
    expect(() => segmentRules(input([make({ uplink: 'e"th0' })]))).toThrow(/network lan: interface/);
  });
});
