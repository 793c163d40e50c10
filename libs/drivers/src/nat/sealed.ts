import type { Network, NodeNames } from '#lib/domain';

/** Sets that `sealedChains` look into: VXLAN's port, and the VNIs of encrypted networks. Pure. */
export function sealedSets(networks: readonly Network[]): string[] {
  const sealed = networks.flatMap(({ overlay }) => (overlay?.encryption ? [overlay] : []));
  const elements = (of: number[]) => (of.length === 0 ? [] : [`elements = { ${[...new Set(of)].sort().join(', ')} }`]);
  return [
    block('set vxlan', ['type inet_service', ...elements(sealed.map(({ port }) => port))]),
    // The VNI is the second word of VXLAN's header, which follows UDP's: RFC 7348, section 5.
    block('set sealed', ['typeof @th,96,24', ...elements(sealed.map(({ vni }) => vni))]),
  ];
}

/**
 * Frames of encrypted networks come and go through the node's WireGuard device only, whatever else goes wrong, and
 * nothing but such frames comes out of it: the node's own services are not to be reached by it.
 */
export function sealedChains({ tunnel }: NodeNames): string[] {
  return [
    block('chain sealed_in', [
      'type filter hook input priority -10; policy accept;',
      `iifname != "${tunnel}" udp dport @vxlan @th,96,24 @sealed drop`,
      `iifname "${tunnel}" meta l4proto != udp drop`,
      `iifname "${tunnel}" udp dport != @vxlan drop`,
    ]),
    block('chain sealed_out', [
      'type filter hook output priority 0; policy accept;',
      `oifname != "${tunnel}" udp dport @vxlan @th,96,24 @sealed drop`,
    ]),
    block('chain sealed_through', [
      'type filter hook forward priority -10; policy accept;',
      `iifname "${tunnel}" drop`,
      `oifname "${tunnel}" drop`,
    ]),
  ];
}

function block(head: string, lines: readonly string[]): string {
  return [`  ${head} {`, ...lines.map((line) => `    ${line}`), '  }'].join('\n');
}
