import ipaddr from 'ipaddr.js';
import type { Network } from '../network.js';
import { BRIDGE, BRIDGE_NAME, HOST_BINDING, MTU, PARENT, SHIM } from './keys.js';

/** What is wrong with a value, in words that follow "expected"; undefined: nothing. */
type Check = (value: string) => string | undefined;

const oneOf =
  (test: (value: string) => boolean, expected: string): Check =>
  (value) =>
    test(value) ? undefined : expected;

/** Narrower than what the kernel takes: the name also stands in firewall rules and in batches of commands. */
export const linkName = oneOf(
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
const each = (test: (item: string) => boolean) => (value: string) =>
  value.split(',').every((item) => test(item.trim()));
const isAddress = (text: string) => ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text);
const isPrefix = (text: string) => ipaddr.isValidCIDR(text);

/** Options that Windows knows, with what they may be (networks.md, Options). */
export const SHIM_OPTIONS: Readonly<Record<string, Check>> = {
  networkname: networkName,
  // Whether there is one of that name is seen where the uplink is chosen, which says which there are.
  interface: () => undefined,
  vlanid: oneOf(
    (value) => /^\d+$/.test(value) && Number(value) >= 1 && Number(value) <= 4094,
    'a number from 1 to 4094',
  ),
  dnssuffix: domain,
  dnsservers: oneOf(each(isAddress), 'addresses with commas between them'),
  disable_dns: boolean,
  disable_gatewaydns: boolean,
  enable_outboundnat: boolean,
  outboundnat_exceptions: oneOf(each(isPrefix), 'prefixes with commas between them, e.g. 10.0.0.0/8,192.168.0.0/16'),
  macpool: oneOf((value) => parseMacPool(value) !== undefined, 'FIRST-LAST, two unicast MAC addresses in order'),
};

/** Of Hyper-V's own book-keeping; there is nothing on Linux that they could mean. */
export const WITHOUT_EFFECT = ['hnsid', 'hnsowned', 'vsid', 'routingdomain', 'sourcemac'];

const OTHER_OPTIONS: Readonly<Record<string, Check>> = {
  [MTU]: oneOf(
    (value) => /^\d+$/.test(value) && Number(value) >= 68 && Number(value) <= 65535,
    'a number from 68 to 65535',
  ),
  'com.docker.network.dns.ttl': oneOf((value) => /^\d{1,5}$/.test(value), 'seconds, 0 to 99999'),
  [BRIDGE_NAME]: linkName,
  [HOST_BINDING]: oneOf((value) => ipaddr.IPv4.isValidFourPartDecimal(value), 'an IPv4 address of the node'),
  // An interface that is there may have a name with a point itself.
  [PARENT]: oneOf(
    (value) => /^[A-Za-z0-9_.-]{1,15}(\.\d{1,4})?$/.test(value) && !/^\.+$/.test(value),
    'an interface of the node, or INTERFACE.VLAN',
  ),
  [`${BRIDGE}enable_icc`]: boolean,
  [`${BRIDGE}enable_ip_masquerade`]: boolean,
};

/** The key without the Windows prefix, where it has that. */
export const shortOf = (key: string) => (key.startsWith(SHIM) ? key.slice(SHIM.length) : undefined);

export function checkOf(key: string): Check | undefined {
  const short = shortOf(key);
  return short === undefined ? OTHER_OPTIONS[key] : SHIM_OPTIONS[short];
}

/**
 * What a network says. What would be refused today counts as not said: clusters have networks from a time when nobody
 * looked at their options, and one of them is not to be in the way of all others.
 */
export function said({ options }: Pick<Network, 'options'>, key: string): string | undefined {
  const value = options[key];
  return value === undefined || checkOf(key)?.(value) !== undefined ? undefined : value;
}

/** First and last MAC that endpoints may get, as numbers. */
export interface MacPool {
  first: number;
  last: number;
}

/** `FIRST-LAST`, bytes separated by ":" or "-"; undefined where it is no range of unicast addresses. */
export function parseMacPool(text: string): MacPool | undefined {
  const mac = '([0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){5})';
  const [, from = '', to = ''] = new RegExp(`^${mac}-${mac}$`).exec(text) ?? [];
  const [first, last] = [from, to].map((each) => Number.parseInt(each.replaceAll(/[:-]/g, ''), 16));
  if (first === undefined || last === undefined || !(first <= last)) return undefined;
  // The lowest bit of the first byte says that it is for many.
  const unicast = [from, to].every((each) => Number.parseInt(each.slice(0, 2), 16) % 2 === 0);
  return unicast && from.slice(0, 2).toLowerCase() === to.slice(0, 2).toLowerCase() ? { first, last } : undefined;
}
