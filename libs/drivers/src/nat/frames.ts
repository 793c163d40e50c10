import type { Network, NodeNames } from '#lib/domain';

const FAMILIES = [
  { ip: 'ip', n: '4', type: 'ipv4_addr' },
  { ip: 'ip6', n: '6', type: 'ipv6_addr' },
] as const;

/**
 * Sets that `frameChains` look into: VXLAN's port, the VNIs of encrypted networks and of others, nodes that have endpoints of
 * the latter, and the ways by which their frames come. Pure.
 */
export function frameSets(networks: readonly Network[]): string[] {
  const all = networks.flatMap(({ overlay }) => overlay ?? []);
  const open = all.filter(({ encryption }) => !encryption);
  const sealed = all.filter(({ encryption }) => encryption);
  const ways = open.flatMap(({ local, peers }) =>
    peers.filter(({ vtep }) => isIpv6(vtep) === isIpv6(local)).map(({ vtep }) => ({ vtep, way: `${vtep} . ${local}` })),
  );
  // The VNI is the second word of VXLAN's header, which follows UDP's: RFC 7348, section 5.
  const vnis = (of: typeof all) => ({ type: 'typeof @th,96,24', elements: of.map(({ vni }) => `${vni}`) });
  return [
    set('vxlan', { type: 'type inet_service', elements: all.map(({ port }) => `${port}`) }),
    set('sealed', vnis(sealed)),
    set('open', vnis(open)),
    ...FAMILIES.flatMap(({ n, type }) => {
      const own = ways.filter(({ vtep }) => isIpv6(vtep) === (n === '6'));
      return [
        set(`nodes${n}`, { type: `type ${type}`, elements: own.map(({ vtep }) => vtep) }),
        set(`ways${n}`, { type: `type ${type} . ${type}`, elements: own.map(({ way }) => way) }),
      ];
    }),
  ];
}

/**
 * A VXLAN device believes whoever sends to its port, and a container reaches that port as anybody does: of its own node by
 * any address, of other nodes behind its node's address. So frames are taken only from nodes that have endpoints of these
 * networks, at the address that those send to, and no container speaks to that port of theirs.
 *
 * Frames of encrypted networks come and go through the node's WireGuard device only, whatever else goes wrong, and
 * nothing but such frames comes out of it: the node's own services are not to be reached by it.
 *
 * Most packets are none of these chains' business, which is what is asked first. What goes between nodes is not tracked:
 * it would be a connection for each of those within, and one in each direction, since no answer comes to the port that a
 * frame was sent from.
 */
export function frameChains({ tunnel }: NodeNames): string[] {
  const [byTunnel, toTunnel] = [`iifname "${tunnel}"`, `oifname "${tunnel}"`];
  const [otherProtocol, otherPort] = ['meta l4proto != udp', 'udp dport != @vxlan'];
  const vni = '@th,96,24';
  return [
    chain(
      'frames_untracked',
      'prerouting priority -300',
      FAMILIES.map(({ ip, n }) => `udp dport @vxlan iifname != @bridges ${ip} saddr . ${ip} daddr @ways${n} notrack`),
    ),
    chain(
      'frames_untracked_out',
      'output priority -300',
      FAMILIES.map(({ ip, n }) => `udp dport @vxlan ${ip} daddr . ${ip} saddr @ways${n} notrack`),
    ),
    chain('frames_in', 'input priority -10', [
      `${byTunnel} ${otherProtocol} drop`,
      `${otherProtocol} accept`,
      `${byTunnel} ${otherPort} drop`,
      `${otherPort} accept`,
      `${byTunnel} ${vni} @sealed accept`,
      `${vni} @sealed drop`,
      ...FAMILIES.map(({ ip, n }) => `iifname != @bridges ${ip} saddr . ${ip} daddr @ways${n} accept`),
      `${vni} @open drop`,
    ]),
    chain('frames_out', 'output priority 0', [`oifname != "${tunnel}" udp dport @vxlan ${vni} @sealed drop`]),
    chain('frames_through', 'forward priority -10', [
      `${byTunnel} drop`,
      `${toTunnel} drop`,
      `${otherProtocol} accept`,
      `${otherPort} accept`,
      'iifname != @bridges accept',
      ...FAMILIES.map(({ ip, n }) => `${ip} daddr @nodes${n} drop`),
    ]),
  ];
}

const isIpv6 = (address: string) => address.includes(':');

function set(name: string, { type, elements }: { type: string; elements: readonly string[] }): string {
  const list = [...new Set(elements)].sort();
  return block(`set ${name}`, [type, ...(list.length > 0 ? [`elements = { ${list.join(', ')} }`] : [])]);
}

function chain(name: string, hook: string, rules: readonly string[]): string {
  return block(`chain ${name}`, [`type filter hook ${hook}; policy accept;`, ...rules]);
}

function block(head: string, lines: readonly string[]): string {
  return [`  ${head} {`, ...lines.map((line) => `    ${line}`), '  }'].join('\n');
}
