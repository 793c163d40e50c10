import { linkLocal } from '../endpoint/link-local.js';
import type { RuleInput } from '../rule-source.js';
import { insideMac, segmentsOf } from './rules.js';

/**
 * Who sends is known at its port of the bridge alone: at the cable, `segmentRules` know only that it is somebody of the
 * network. One table of family bridge for all such networks of the node, replaced in one transaction: to the cable goes
 * what comes from the sender's own address, so that no container speaks as its neighbour.
 */
export function senderRules(input: RuleInput): string {
  const { names, attached } = input;
  const table = `bridge ${names.nftTable}`;
  const replaced = [`add table ${table}`, `delete table ${table}`];
  const segments = segmentsOf(input);
  if (segments.length === 0) return [...replaced, ''].join('\n');
  const own = segments.flatMap(({ network, uplink }) =>
    attached.flatMap(({ id, endpoints }) =>
      endpoints
        .filter((at) => at.networkId === network.id)
        .flatMap((at) => {
          const v6 = at.ipv6 === undefined ? [] : [at.ipv6, linkLocal(insideMac(at, network, uplink.mac))];
          return [...(at.ipv4 === undefined ? [] : [at.ipv4]), ...v6].map((address) => {
            return { v6: address.includes(':'), text: `"${names.veth(id, network.id)}" . ${address}` };
          });
        }),
    ),
  );
  const addresses = (v6: boolean) => own.filter((each) => each.v6 === v6).map(({ text }) => text);
  return [
    ...replaced,
    `table ${table} {`,
    ...set(
      'cables',
      'ifname',
      segments.map(({ cable }) => `"${cable.port}"`),
    ),
    ...set('own4', 'ifname . ipv4_addr', addresses(false)),
    ...set('own6', 'ifname . ipv6_addr', addresses(true)),
    '  chain leave {',
    '    type filter hook forward priority 0; policy accept;',
    '    oifname != @cables accept',
    '    iifname . ip saddr @own4 accept',
    '    iifname . ip6 saddr @own6 accept',
    '    ip6 saddr :: accept',
    '    iifname . arp saddr ip @own4 accept',
    '    arp saddr ip 0.0.0.0 accept',
    '    ether type { ip, ip6, arp } drop',
    '  }',
    '}',
    '',
  ].join('\n');
}

function set(name: string, type: string, elements: readonly string[]): string[] {
  const list = [...new Set(elements)].sort();
  const body = list.length > 0 ? [`    elements = { ${list.join(', ')} }`] : [];
  return [`  set ${name} {`, `    type ${type}`, ...body, '  }'];
}
