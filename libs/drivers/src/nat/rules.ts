import { invalid } from '#lib/common';
import type { Container, Network, NodeNames, ServiceBackends } from '#lib/domain';
import { isBehindNode, outboundNat, talksInside } from '../options.js';
import type { NodeSource } from '../transparent/node-sources.js';
import { frameChains, frameSets } from './frames.js';
import { ingressChoice, ingressPorts, type IngressPort } from './ingress.js';
import { mappingsOf, type Mapping } from './published.js';

/** How the two address families are written in nft. */
const FAMILIES = [
  { key: 'ipv4', n: '4', ip: 'ip', type: 'ipv4_addr' },
  { key: 'ipv6', n: '6', ip: 'ip6', type: 'ipv6_addr' },
] as const;
type AddressFamily = (typeof FAMILIES)[number];

/**
 * The whole firewall of the networks behind the node (nat, overlay): one table, replaced in one transaction. The rules are the same
 * whatever there is; networks and ports are elements of sets and maps, so a packet's cost does not grow with them. Only a
 * port that leads to replicas of a service has a chain of its own, which chooses.
 */
export function natRules(
  names: NodeNames,
  networks: readonly Network[],
  containers: readonly Container[],
  services: readonly ServiceBackends[] = [],
  sources: readonly NodeSource[] = [],
): string {
  const nat = networks.filter(isBehindNode).sort((a, b) => (a.linkName < b.linkName ? -1 : 1));
  const byId = new Map(networks.map((network) => [network.id, network]));
  const table = `inet ${names.nftTable}`;
  const mappings = { ipv4: mappingsOf('ipv4', byId, containers), ipv6: mappingsOf('ipv6', byId, containers) };
  const sets = [
    set('bridges', 'ifname', nat.map(link)),
    set('internal', 'ifname', nat.filter((network) => network.internal).map(link)),
    set(
      'within',
      'ifname . ifname',
      nat.filter(talksInside).map((network) => `${link(network)} . ${link(network)}`),
    ),
    ...FAMILIES.flatMap((family) => familySets(family, nat, mappings[family.key])),
    map(
      'via4',
      'ifname : ipv4_addr',
      sources.map(({ network, address }) => `${link(network)} : ${address}`),
    ),
    ...frameSets(nat),
  ];
  const aside = [...mappings.ipv4, ...mappings.ipv6].filter((each) => each.hidesClients);
  const choice = choiceOf(
    ingressPorts(networks, services),
    aside.map(({ address }) => address),
  );
  return [
    `add table ${table}`,
    `delete table ${table}`,
    `table ${table} {`,
    ...sets,
    ...choice.maps,
    ...choice.chains,
    ...chains(),
    ...frameChains(names),
    '}',
    '',
  ].join('\n');
}

function choiceOf(ports: readonly IngressPort[], aside: readonly string[]): { maps: string[]; chains: string[] } {
  const hidden = [...ports.flatMap((port) => port.hidden), ...aside];
  const hiddenIn = (key: string) => hidden.filter((address) => address.includes(':') === (key === 'ipv6'));
  const families = FAMILIES.map(({ key, n }) => ({ n, ...ingressChoice(key, ports) }));
  return {
    maps: [
      ...families.map(({ n, elements }) => map(`ingress${n}`, 'inet_proto . inet_service : verdict', elements)),
      ...FAMILIES.map(({ n, type, key }) => set(`hidden${n}`, type, hiddenIn(key))),
    ],
    chains: families.flatMap((family) => family.chains.map(([name, rules]) => body(`chain ${name}`, rules))),
  };
}

function familySets(
  { n, type, key }: AddressFamily,
  networks: readonly Network[],
  mappings: readonly Mapping[],
): string[] {
  const pools = networks.flatMap((network) =>
    network.pools
      .filter(({ subnet }) => subnet.includes(':') === (key === 'ipv6'))
      .map(({ subnet }) => ({ network, subnet, nat: outboundNat(network) })),
  );
  const target = ({ address, containerPort }: Mapping) => `${address} . ${containerPort}`;
  const port = ({ protocol, hostPort }: Mapping) => `${protocol} . ${hostPort}`;
  const everywhere = mappings.filter((mapping) => mapping.hostAddress === '');
  const somewhere = mappings.filter((mapping) => mapping.hostAddress !== '');
  const exceptions = pools.flatMap(({ subnet, nat }) =>
    nat.exceptions.filter((each) => each.includes(':') === (key === 'ipv6')).map((each) => `${subnet} . ${each}`),
  );
  return [
    set(
      `own${n}`,
      `ifname . ${type}`,
      pools.map(({ network, subnet }) => `${link(network)} . ${subnet}`),
      'interval',
    ),
    set(
      `outbound${n}`,
      type,
      pools.filter(({ nat }) => nat.on).map(({ subnet }) => subnet),
      'interval',
    ),
    set(`plain${n}`, `${type} . ${type}`, exceptions, 'interval'),
    map(
      `ports${n}`,
      `inet_proto . inet_service : ${type} . inet_service`,
      everywhere.map((mapping) => `${port(mapping)} : ${target(mapping)}`),
    ),
    map(
      `ports_at${n}`,
      `${type} . inet_proto . inet_service : ${type} . inet_service`,
      somewhere.map((mapping) => `${mapping.hostAddress} . ${port(mapping)} : ${target(mapping)}`),
    ),
  ];
}

function chains(): string[] {
  // Not for ::1: the kernel routes no answer to it from another link, so a client would wait instead of trying 127.0.0.1.
  const toNode = (family: string) =>
    `${family === 'ipv6' ? 'ip6 daddr != ::1' : 'meta nfproto ipv4'} fib daddr type local`;
  const toPorts = FAMILIES.flatMap(({ ip, n, key }) => [
    `dnat ${ip} to ${ip} daddr . meta l4proto . th dport map @ports_at${n}`,
    `${toNode(key)} dnat ${ip} to meta l4proto . th dport map @ports${n}`,
    `${toNode(key)} meta l4proto . th dport vmap @ingress${n}`,
  ]);
  return [
    // The bridges route 127.0.0.0/8 (route_localnet); nobody outside the node may use that.
    chain('guard', 'type filter hook prerouting priority -300', [
      'iifname != "lo" ip daddr 127.0.0.0/8 drop',
      'iifname != "lo" ip saddr 127.0.0.0/8 drop',
    ]),
    chain('publish', 'type nat hook prerouting priority -100', toPorts),
    chain('publish_local', 'type nat hook output priority -100', toPorts),
    chain('isolate', 'type filter hook forward priority 0', [
      'ct state established,related accept',
      // The late end of a connection that is forgotten by now would leave untranslated.
      ...FAMILIES.map(
        ({ ip, n }) =>
          `ct state invalid oifname != @bridges ${ip} saddr @outbound${n} ${ip} saddr . ${ip} daddr != @plain${n} drop`,
      ),
      'iifname . oifname @within accept',
      'iifname @internal drop',
      'oifname @internal drop',
      'ct status dnat accept',
      'oifname @bridges drop',
    ]),
    chain('leave', 'type nat hook postrouting priority 100', [
      'ip saddr 127.0.0.0/8 oifname @bridges masquerade',
      ...FAMILIES.flatMap(({ ip, n }) => [
        // Who would answer past the node, were it not the node that asks.
        `ct status dnat ${ip} daddr @hidden${n} masquerade`,
        // A published port of the own network: the answer must come back through the node.
        `ct status dnat oifname . ${ip} saddr @own${n} masquerade`,
        `oifname . ${ip} saddr @own${n} accept`,
        `${ip} saddr . ${ip} daddr @plain${n} accept`,
        // A link without an address of its own; any other link is in no element, and the next rule's.
        ...(n === '4' ? ['ip saddr @outbound4 snat ip to oifname map @via4'] : []),
        `${ip} saddr @outbound${n} masquerade`,
      ]),
    ]),
  ];
}

function set(name: string, type: string, elements: readonly string[], flags?: string): string {
  return block(`set ${name}`, type, elements, flags);
}

function map(name: string, type: string, elements: readonly string[]): string {
  return block(`map ${name}`, type, elements);
}

function block(head: string, type: string, elements: readonly string[], flags?: string): string {
  const lines = [`type ${type}`, ...(flags ? [`flags ${flags}`] : [])];
  if (elements.length > 0) lines.push(`elements = { ${[...new Set(elements)].sort().join(', ')} }`);
  return body(head, lines);
}

function chain(name: string, hook: string, rules: readonly string[]): string {
  return body(`chain ${name}`, [`${hook}; policy accept;`, ...rules]);
}

function body(head: string, lines: readonly string[]): string {
  return [`  ${head} {`, ...lines.map((line) => `    ${line}`), '  }'].join('\n');
}

/** The name as nft text: nothing in it may end the string or stand for other names. */
function link({ name, linkName }: Network): string {
  if (/^[\w.-]+$/.test(linkName)) return `"${linkName}"`;
  throw invalid(
    `network ${name}: link name ${JSON.stringify(linkName)}: letters, digits, ".", "_" and "-" are accepted`,
  );
}
