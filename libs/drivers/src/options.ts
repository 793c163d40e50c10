import { BRIDGE, HOST_BINDING, MTU, parseMacPool, said, SHIM, type MacPool, type Network } from '#lib/domain';
import { widest } from './prefixes.js';

/** undefined: the kernel's own choice */
export function mtuOf(network: Pick<Network, 'options'>): number | undefined {
  const text = said(network, MTU);
  return text === undefined ? undefined : Number(text);
}

/** The node's address for ports that name none; undefined: every address. */
export function hostBindingOf(network: Pick<Network, 'options'>): string | undefined {
  const address = said(network, HOST_BINDING);
  return address === '0.0.0.0' ? undefined : address;
}

/** Do the network's containers reach the outside by the node's own address? */
export function isBehindNode({ driver }: Pick<Network, 'driver'>): boolean {
  return driver === 'nat' || driver === 'overlay';
}

/** May the network's containers talk to each other directly? */
export function talksInside(network: Pick<Network, 'options'>): boolean {
  return isOn(said(network, `${BRIDGE}enable_icc`));
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

export function dnsOf(network: Pick<Network, 'options'>): NetworkDns {
  const isSet = (short: string) => {
    const value = said(network, `${SHIM}${short}`);
    return value !== undefined && isOn(value);
  };
  const suffix = said(network, `${SHIM}dnssuffix`);
  return {
    discovery: !isSet('disable_dns'),
    servers: itemsOf(said(network, `${SHIM}dnsservers`)),
    gateway: !isSet('disable_gatewaydns'),
    ...(suffix !== undefined && { suffix }),
  };
}

/**
 * Is traffic that leaves the node masqueraded, and for which destinations is it not? Of exceptions that overlap only the
 * widest: the kernel refuses a set whose elements do.
 */
export function outboundNat(network: Pick<Network, 'options'>): { on: boolean; exceptions: string[] } {
  return {
    on: isOn(said(network, `${SHIM}enable_outboundnat`)) && isOn(said(network, `${BRIDGE}enable_ip_masquerade`)),
    exceptions: widest(itemsOf(said(network, `${SHIM}outboundnat_exceptions`))),
  };
}

function itemsOf(list = ''): string[] {
  return list
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean);
}

/** What is not said is on. */
const isOn = (value: string | undefined) => value === undefined || /^(true|1)$/i.test(value);
