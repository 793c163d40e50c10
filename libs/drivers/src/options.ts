import ipaddr from 'ipaddr.js';
import { closest, invalid, listed } from '#lib/common';
import type { Network, NetworkRequest } from '#lib/domain';
import { isChosen } from './option-choices.js';
import { widest } from './prefixes.js';

export const SHIM = 'com.docker.network.windowsshim.';
const MTU = 'com.docker.network.driver.mtu';
const BRIDGE = 'com.docker.network.bridge.';
/** Of Docker's macvlan driver, whose options have no prefix. */
export const PARENT = 'parent';
const HOST_BINDING = `${BRIDGE}host_binding_ipv4`;
/** Options that bind a network to an interface. */
const UPLINK_OPTIONS = [`${SHIM}interface`, `${SHIM}vlanid`, PARENT];

/** What is wrong with a value, in words that follow "expected"; undefined: nothing. */
type Check = (value: string) => string | undefined;

const oneOf =
  (test: (value: string) => boolean, expected: string): Check =>
  (value) =>
    test(value) ? undefined : expected;

/** Narrower than what the kernel takes: the name also stands in firewall rules and in batches of commands. */
const linkName = oneOf(
  (value) => /^[A-Za-z0-9_.-]{1,15}$/.test(value) && !/^\.+$/.test(value),
  'a link name: 1 to 15 letters, digits, ".", "_" or "-"',
);
/** What is longer than a link's name becomes the alternative name of the link (ip-link(8), altname). */
const networkName = oneOf(
  (value) => /^[A-Za-z0-9_.-]{1,127}$/.test(value) && !/^\.+$/.test(value),
  'a link name: 1 to 127 letters, digits, ".", "_" or "-"; beyond 15 it is the link\'s alternative name',
);
const boolean = oneOf((value) => /^(true|false|1|0)$/i.test(value), 'true or false');
const domain = oneOf(
  (value) =>
    value.length <= 253 &&
    /^([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?)(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*\.?$/i.test(value),
  'a domain name',
);
const each = (check: (item: string) => boolean, expected: string) =>
  oneOf((value) => value.split(',').every((item) => check(item.trim())), expected);
const isAddress = (text: string) => ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text);

/** Options that Windows knows, with what they may be (networks.md, Options). */
const SHIM_OPTIONS: Readonly<Record<string, Check>> = {
  networkname: networkName,
  interface: linkName,
  vlanid: oneOf(
    (value) => /^\d+$/.test(value) && Number(value) >= 1 && Number(value) <= 4094,
    'a number from 1 to 4094',
  ),
  dnssuffix: domain,
  dnsservers: each(isAddress, 'addresses with commas between them'),
  disable_dns: boolean,
  disable_gatewaydns: boolean,
  enable_outboundnat: boolean,
  outboundnat_exceptions: each(ipaddr.isValidCIDR, 'prefixes with commas between them, e.g. 10.0.0.0/8,192.168.0.0/16'),
  macpool: oneOf((value) => parseMacPool(value) !== undefined, 'FIRST-LAST, two unicast MAC addresses in order'),
};

/** Of Hyper-V's own book-keeping; there is nothing on Linux that they could mean. */
const WITHOUT_EFFECT = ['hnsid', 'hnsowned', 'vsid', 'routingdomain', 'sourcemac'];

const OTHER_OPTIONS: Readonly<Record<string, Check>> = {
  [MTU]: oneOf(
    (value) => /^\d+$/.test(value) && Number(value) >= 68 && Number(value) <= 65535,
    'a number from 68 to 65535',
  ),
  'com.docker.network.dns.ttl': oneOf((value) => /^\d{1,5}$/.test(value), 'seconds, 0 to 99999'),
  [`${BRIDGE}name`]: linkName,
  [HOST_BINDING]: oneOf((value) => ipaddr.IPv4.isValidFourPartDecimal(value), 'an IPv4 address of the node'),
  // An interface that is there may have a name with a point itself.
  [PARENT]: oneOf(
    (value) => /^[A-Za-z0-9_.-]{1,15}(\.\d{1,4})?$/.test(value) && !/^\.+$/.test(value),
    'an interface of the node, or INTERFACE.VLAN',
  ),
  [`${BRIDGE}enable_icc`]: boolean,
  [`${BRIDGE}enable_ip_masquerade`]: boolean,
};

/**
 * Refuses options that are unknown in the Windows prefix or have a wrong value. Returns warnings for those that are
 * stored and shown and do nothing.
 */
export function checkOptions({ name, driver, options }: NetworkRequest): string[] {
  const warnings: string[] = [];
  for (const [key, value] of Object.entries(options)) {
    const short = key.startsWith(SHIM) ? key.slice(SHIM.length) : undefined;
    const check = short === undefined ? OTHER_OPTIONS[key] : SHIM_OPTIONS[short];
    const expected = check?.(value);
    if (expected !== undefined) throw invalid(`network ${name}: option ${key}=${value}: expected ${expected}`);
    if (check && (key !== HOST_BINDING || driver === 'nat')) continue;
    if (isChosen(name, driver, key, value)) continue;
    if (short !== undefined && !WITHOUT_EFFECT.includes(short)) throw unknownOption(name, short);
    warnings.push(`network ${name}: option ${key} has no effect here`);
  }
  return warnings;
}

function unknownOption(network: string, short: string): Error {
  const known = [...Object.keys(SHIM_OPTIONS), ...WITHOUT_EFFECT];
  const meant = closest(short, known);
  const hint = meant ? `did you mean ${SHIM}${meant}?` : `known there: ${listed(known)}`;
  return invalid(`network ${network}: unknown option ${SHIM}${short}; ${hint}`);
}

/** Refuses what binds a network to an interface, where it is on none. */
export function refuseUplinkOptions({ name, driver, options }: NetworkRequest, why: string): void {
  const found = UPLINK_OPTIONS.find((each) => options[each] !== undefined);
  if (found) throw invalid(`network ${name}: option ${found} cannot be used with driver ${driver}: ${why}`);
}

/** Warnings for options that this driver stores and shows, and that change nothing here. */
export function withoutEffect(
  { name, driver, options }: NetworkRequest,
  short: readonly string[],
  why: string,
): string[] {
  return short
    .filter((each) => options[`${SHIM}${each}`] !== undefined)
    .map((each) => `network ${name}: option ${SHIM}${each} has no effect with driver ${driver}: ${why}`);
}

/** The warning where the router is never asked for names anyway. */
export function withoutGatewayDns({ name, options }: NetworkRequest): string[] {
  const option = `${SHIM}disable_gatewaydns`;
  if (options[option] === undefined) return [];
  return [
    `network ${name}: option ${option} has no effect here: a router is asked for names only where a DHCP server says so`,
  ];
}

/** undefined: the kernel's own choice */
export function mtuOf({ options }: Pick<Network, 'options'>): number | undefined {
  const text = options[MTU];
  return text === undefined ? undefined : Number(text);
}

/** The node's address for ports that name none; undefined: every address. */
export function hostBindingOf({ options }: Pick<Network, 'options'>): string | undefined {
  const address = options[HOST_BINDING];
  return address === '0.0.0.0' ? undefined : address;
}

/** Do the network's containers reach the outside by the node's own address? */
export function isBehindNode({ driver }: Pick<Network, 'driver'>): boolean {
  return driver === 'nat' || driver === 'overlay';
}

/** May the network's containers talk to each other directly? */
export function talksInside({ options }: Pick<Network, 'options'>): boolean {
  return isOn(options[`${BRIDGE}enable_icc`]);
}

/** First and last MAC that endpoints may get, as numbers. */
export interface MacPool {
  first: number;
  last: number;
}

/** `FIRST-LAST`, bytes separated by ":" or "-"; undefined where it is no range of unicast addresses. */
function parseMacPool(text: string): MacPool | undefined {
  const mac = '([0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){5})';
  const [, from = '', to = ''] = new RegExp(`^${mac}-${mac}$`).exec(text) ?? [];
  const [first, last] = [from, to].map((each) => Number.parseInt(each.replaceAll(/[:-]/g, ''), 16));
  if (first === undefined || last === undefined || !(first <= last)) return undefined;
  // The lowest bit of the first byte says that it is for many.
  const unicast = [from, to].every((each) => Number.parseInt(each.slice(0, 2), 16) % 2 === 0);
  return unicast && from.slice(0, 2).toLowerCase() === to.slice(0, 2).toLowerCase() ? { first, last } : undefined;
}

/** undefined: MACs follow from the ids of container and network */
export function macPoolOf({ options }: Pick<Network, 'options'>): MacPool | undefined {
  return parseMacPool(options[`${SHIM}macpool`] ?? '');
}

/** What a network says of its containers' DNS. */
export interface NetworkDns {
  /** names of its containers are answered there */
  discovery: boolean;
  /** servers for other names */
  servers: string[];
  /** the segment's router may be asked, where it was named as a server */
  gateway: boolean;
  /** search domain */
  suffix?: string;
}

export function dnsOf({ options }: Pick<Network, 'options'>): NetworkDns {
  const isSet = (short: string) => options[`${SHIM}${short}`] !== undefined && isOn(options[`${SHIM}${short}`]);
  const suffix = options[`${SHIM}dnssuffix`];
  return {
    discovery: !isSet('disable_dns'),
    servers: (options[`${SHIM}dnsservers`] ?? '')
      .split(',')
      .map((item) => item.trim())
      .filter(Boolean),
    gateway: !isSet('disable_gatewaydns'),
    ...(suffix !== undefined && { suffix }),
  };
}

/**
 * Is traffic that leaves the node masqueraded, and for which destinations is it not? Of exceptions that overlap only the
 * widest: the kernel refuses a set whose elements do.
 */
export function outboundNat({ options }: Pick<Network, 'options'>): { on: boolean; exceptions: string[] } {
  return {
    on: isOn(options[`${SHIM}enable_outboundnat`]) && isOn(options[`${BRIDGE}enable_ip_masquerade`]),
    exceptions: widest(
      (options[`${SHIM}outboundnat_exceptions`] ?? '')
        .split(',')
        .map((item) => item.trim())
        .filter(Boolean),
    ),
  };
}

/** What is not said is on. */
const isOn = (value: string | undefined) => value === undefined || /^(true|1)$/i.test(value);
