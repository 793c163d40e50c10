import { invalid } from '#lib/common';
import type { Container, Endpoint, Network, NodeNames, ObservedLink } from '#lib/domain';
import { linkLocal } from '../endpoint/link-local.js';
import type { RuleInput } from '../rule-source.js';
import { cableOf, type Cable } from './cable.js';
import { neutralMac } from './mac.js';

/** Tells frames of ours that are handed to the uplink from those of the node. It never leaves the node's own links. */
const MARK = '0x736b6570';
const GROUP = 'ether daddr & 01:00:00:00:00:00 == 01:00:00:00:00:00';

/** A network whose links are there, so that rules can name them. */
interface Segment {
  network: Network;
  cable: Cable;
  uplink: ObservedLink;
  wire: ObservedLink;
}

/** The MAC that an endpoint has inside its container; `uplinkMac` is what everybody outside sees instead. */
export function insideMac(endpoint: Pick<Endpoint, 'mac'>, network: Network, uplinkMac: string): string {
  return network.enableIPv6 ? neutralMac(endpoint.mac, uplinkMac) : endpoint.mac;
}

/** The links that the rules hang on, and who is attached: one that is to end is so until it has ended. */
export function segmentAnchors(input: RuleInput): string {
  const segments = segmentsOf(input);
  const ids = new Set(segments.map(({ network }) => network.id));
  const attached = input.attached.filter(({ endpoints }) => endpoints.some(({ networkId }) => ids.has(networkId)));
  return [...segments.map(linksOf), ...attached.map(({ id }) => id)].join('\n');
}

/** A link that is made again loses its rules, so its index is part of it. */
function linksOf({ uplink, wire }: Segment): string {
  return `${uplink.name} ${uplink.index} ${uplink.mac} ${wire.name} ${wire.index}`;
}

/**
 * MAC translation for all l2bridge and l2tunnel networks of the node: one table of family netdev, replaced in one
 * transaction. Chains hang on links, so only networks whose links are there are part of it.
 *
 * - `leave`: what leaves a bridge for the uplink gets the uplink's MAC, also inside ARP and neighbour discovery.
 *   What is not from an endpoint's address stays here; that it is the sender's own, `senderRules` see to.
 * - `send`: it goes out by the uplink.
 * - `arrive`: what comes in by the uplink for an endpoint's address gets the endpoint's MAC and goes to the bridge.
 * - `call` (l2bridge): the same for what the node itself sends. A tunnel's frames come back by the wire.
 */
export function segmentRules(input: RuleInput): string {
  const table = `netdev ${input.names.nftTable}`;
  const replaced = [`add table ${table}`, `delete table ${table}`];
  const segments = segmentsOf(input);
  if (segments.length === 0) return [...replaced, ''].join('\n');
  const anchors = segments.map((each) => `# ${linksOf(each)}`);
  const bodies = segments.flatMap((each) => [...elements(each, input.attached), ...chains(each)]);
  return [...replaced, ...anchors, `table ${table} {`, ...bodies, '}', ''].join('\n');
}

/** Networks of these drivers whose links are there. */
export function segmentsOf({ names, networks, links }: RuleInput): Segment[] {
  return networks
    .filter(({ driver }) => driver === 'l2bridge' || driver === 'l2tunnel')
    .flatMap((network) => segmentOf(network, names, links) ?? [])
    .sort((a, b) => (a.network.id < b.network.id ? -1 : 1));
}

function segmentOf(network: Network, names: NodeNames, links: RuleInput['links']): Segment | undefined {
  const cable = cableOf(network, names);
  const [uplink, wire] = [links.get(cable?.uplink ?? ''), links.get(cable?.wire ?? '')];
  return cable && uplink && wire && links.has(cable.port) ? { network, cable, uplink, wire } : undefined;
}

/**
 * The endpoints of the network: address → MAC inside the container, and the addresses alone: Linux 6.1
 * (Debian 12) does not ask a map whether it has a key.
 */
function elements({ network, uplink }: Segment, containers: readonly Container[]): string[] {
  const endpoints = containers.flatMap((each) => each.endpoints.filter((at) => at.networkId === network.id));
  const macs = endpoints.map((at) => ({ ...at, mac: insideMac(at, network, uplink.mac) }));
  const v4 = macs.flatMap(({ ipv4, mac }) => (ipv4 === undefined ? [] : [{ address: ipv4, mac }]));
  const v6 = macs.flatMap(({ ipv6, mac }) =>
    ipv6 === undefined ? [] : [ipv6, linkLocal(mac)].map((address) => ({ address, mac })),
  );
  return (
    [
      ['4', 'ipv4_addr', v4],
      ['6', 'ipv6_addr', v6],
    ] as const
  ).flatMap(([n, type, all]) => [
    typed(
      `map ${name(`mac${n}`, network)}`,
      `${type} : ether_addr`,
      // The kernel refuses a table in which an address leads to two MACs: the first container has it.
      [...new Map(all.toReversed().map(({ address, mac }) => [address, mac]))].map((each) => each.join(' : ')),
    ),
    typed(
      `set ${name(`own${n}`, network)}`,
      type,
      all.map(({ address }) => address),
    ),
  ]);
}

function chains({ network, cable, uplink }: Segment): string[] {
  const [mac4, mac6, own4, own6] = ['mac4', 'mac6', 'own4', 'own6'].map((each) => `@${name(each, network)}`);
  const toWire = link(cable.wire, network);
  const toUplink = link(cable.uplink, network);
  const toEndpoints = [
    // What is in no map ends its rule.
    `ether daddr set ip daddr map ${mac4} fwd to ${toWire}`,
    `ether daddr set ip6 daddr map ${mac6} fwd to ${toWire}`,
    `ether daddr set arp daddr ip map ${mac4} arp daddr ether set arp daddr ip map ${mac4} fwd to ${toWire}`,
  ];
  const ours = `meta mark ${MARK} meta mark set 0 accept`;
  const shortcut = network.driver === 'l2bridge';
  return [
    chain(name('leave', network), `egress device ${link(cable.port, network)}`, [
      `ip saddr != ${own4} drop`,
      `ip6 saddr != ${own6} ip6 saddr != :: drop`,
      `arp saddr ip != ${own4} arp saddr ip != 0.0.0.0 drop`,
      // Addresses are static here, and a DHCP client writes its MAC into its questions.
      'udp sport 68 udp dport 67 drop',
      'ether type != { ip, ip6, arp } drop',
      `ether type arp arp saddr ether set ${uplink.mac}`,
      ...discovery(uplink.mac),
      `${shortcut ? `meta mark set ${MARK} ` : ''}ether saddr set ${uplink.mac}`,
    ]),
    chain(name('send', network), `ingress device ${toWire}`, [`fwd to ${toUplink}`]),
    chain(name('arrive', network), `ingress device ${toUplink}`, [
      // Handed over to the node, or sent back by the switch: the network has had it already.
      ...(shortcut ? [ours, `ether saddr ${uplink.mac} accept`] : []),
      `${GROUP} dup to ${toWire} accept`,
      `ether daddr != ${uplink.mac} accept`,
      ...toEndpoints,
    ]),
    ...(shortcut
      ? [
          chain(name('call', network), `egress device ${toUplink}`, [
            ours,
            `${GROUP} dup to ${toWire} accept`,
            ...toEndpoints,
          ]),
        ]
      : []),
  ];
}

/**
 * MACs inside neighbour discovery (RFC 4861, section 4): an option of type 1 or 2 and length 1, first in a router
 * solicitation (133) at byte 8, in a neighbour solicitation (135) or advertisement (136) at byte 24. Endpoints' MACs
 * leave the checksum alone (`neutralMac`). Whatever is of another shape stays here, and so does what only routers say.
 */
function discovery(mac: string): string[] {
  const number = `0x${mac.replaceAll(':', '')}`;
  return [
    'icmpv6 type { 134, 137 } drop',
    `icmpv6 type 133 ip6 length 16 @th,64,16 0x0101 @th,80,48 set ${number}`,
    `icmpv6 type { 135, 136 } ip6 length 32 @th,192,16 { 0x0101, 0x0201 } @th,208,48 set ${number}`,
    `icmpv6 type 133 ip6 length != 8 @th,80,48 != ${number} drop`,
    `icmpv6 type { 135, 136 } ip6 saddr != :: ip6 length != 24 @th,208,48 != ${number} drop`,
  ];
}

const name = (what: string, { id }: Network) => `${what}_${id.slice(0, 8)}`;

function typed(head: string, type: string, elements: readonly string[]): string {
  const list = [...new Set(elements)].sort();
  const body = list.length > 0 ? [`elements = { ${list.join(', ')} }`] : [];
  return block(head, [`type ${type}`, ...body]);
}

function chain(title: string, hook: string, rules: readonly string[]): string {
  return block(`chain ${title}`, [`type filter hook ${hook} priority 0; policy accept;`, ...rules]);
}

function block(head: string, lines: readonly string[]): string {
  return [`  ${head} {`, ...lines.map((line) => `    ${line}`), '  }'].join('\n');
}

/** The name as nft text: nothing in it may end the string. */
function link(text: string, network: Network): string {
  if (/^[\w.@-]+$/.test(text)) return `"${text}"`;
  throw invalid(`network ${network.name}: interface ${JSON.stringify(text)}: letters, digits and . _ - @ are accepted`);
}
