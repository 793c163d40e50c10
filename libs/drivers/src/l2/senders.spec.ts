import { describe, expect, it } from 'vitest';
import { NodeNames, type ObservedLink } from '#lib/domain';
import { attach, container, network } from '../testing/fixtures.js';
import { cableOf } from './cable.js';
import { senderRules } from './senders.js';

const names = new NodeNames('0123456789abcdef'.repeat(4));
const lan = network(names, 'lan', ['192.0.2.0/24', '2001:db8::/64'], { driver: 'l2bridge', uplink: 'eth0' });
const cable = cableOf(lan, names)!;
const links = new Map(
  Object.values<string>({ ...cable }).map((name, index): [string, ObservedLink] => [
    name,
    { index, name, kind: 'veth', up: true, mac: '52:54:00:12:34:56', mtu: 1500, addresses: [] },
  ]),
);
const rules = (attached = [container('none')], networks = [lan]) =>
  senderRules({ names, networks, containers: [], attached, services: [], links });
const elements = (text: string, set: string) =>
  new RegExp(`set ${set} \\{[^}]*?elements = \\{ ([^}]*) \\}`).exec(text)?.[1]?.split(', ');

describe('senderRules', () => {
  it('take the table away when there is no such network', () => {
    const gone = 'add table bridge skep_0123\ndelete table bridge skep_0123\n';
    expect(rules([], [])).toBe(gone);
    expect(rules([], [network(names, 'nat', ['172.30.0.0/24'])])).toBe(gone);
  });

  it('know each address by the port of whoever has it, with IPv6 the link-local one as well', () => {
    const [web, peer] = [container('web'), container('peer')];
    attach(lan, web, { ipv4: '192.0.2.9', ipv6: '2001:db8::9', mac: '02:11:22:33:44:55' });
    attach(lan, peer, { ipv4: '192.0.2.10' });
    const [ofWeb, ofPeer] = [web, peer].map(({ id }) => `"${names.veth(id, lan.id)}"`);
    const text = rules([web, peer]);
    expect(elements(text, 'cables')).toEqual([`"${cable.port}"`]);
    expect(elements(text, 'own4')).toEqual([`${ofWeb} . 192.0.2.9`, `${ofPeer} . 192.0.2.10`].sort());
    expect(elements(text, 'own6')).toEqual([`${ofWeb} . 2001:db8::9`, `${ofWeb} . fe80::11:22ff:fe33:6278`]);
    expect(rules([peer, web])).toBe(text);
  });
});
