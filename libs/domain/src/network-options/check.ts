import { closest, invalid, listed } from '#lib/common';
import type { DriverName, NetworkRequest } from '../network.js';
import { isChosen } from './choices.js';
import { BRIDGE_NAME, HOST_BINDING, MTU, PARENT, SHIM } from './keys.js';
import { checkOf, said, SHIM_OPTIONS, shortOf, WITHOUT_EFFECT } from './values.js';

/** Options that bind a network to an interface. */
const UPLINK_OPTIONS = [`${SHIM}interface`, `${SHIM}vlanid`, PARENT];

/** Options that mean something with some drivers alone. */
const OF_DRIVER: Readonly<Record<string, readonly DriverName[]>> = {
  [HOST_BINDING]: ['nat', 'overlay'],
  [BRIDGE_NAME]: ['nat', 'transparent', 'l2bridge', 'l2tunnel'],
};

/** What of a request its options are judged by. */
type Asked = Pick<NetworkRequest, 'name' | 'driver' | 'options'>;

/**
 * Refuses options that are unknown in the Windows prefix or have a wrong value. Returns warnings for those that are
 * stored and shown and do nothing.
 */
export function checkOptions({ name, driver, options }: Asked): string[] {
  const warnings: string[] = [];
  for (const [key, value] of Object.entries(options)) {
    const short = shortOf(key);
    const check = checkOf(key);
    const expected = check?.(value);
    if (expected !== undefined) throw invalid(`network ${name}: option ${key}=${value}: expected ${expected}`);
    if (check && (OF_DRIVER[key]?.includes(driver) ?? true)) continue;
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
export function refuseUplinkOptions({ name, driver, options }: Asked, why: string): void {
  const found = UPLINK_OPTIONS.find((each) => options[each] !== undefined);
  if (found) throw invalid(`network ${name}: option ${found} cannot be used with driver ${driver}: ${why}`);
}

/** Warnings for options that this driver stores and shows, and that change nothing here. */
export function withoutEffect({ name, driver, options }: Asked, short: readonly string[], why: string): string[] {
  return short
    .filter((each) => options[`${SHIM}${each}`] !== undefined)
    .map((each) => `network ${name}: option ${SHIM}${each} has no effect with driver ${driver}: ${why}`);
}

/** The warning where the router is never asked for names anyway. */
export function withoutGatewayDns({ name, options }: Pick<NetworkRequest, 'name' | 'options'>): string[] {
  const option = `${SHIM}disable_gatewaydns`;
  if (options[option] === undefined) return [];
  return [
    `network ${name}: option ${option} has no effect here: a router is asked for names only where a DHCP server says so`,
  ];
}

/** RFC 8200, section 5: every IPv6 link carries 1280 bytes; the kernel switches IPv6 off below. */
const MIN_MTU_V6 = 1280;

export function refuseSmallMtu(request: Pick<NetworkRequest, 'name' | 'options' | 'enableIPv6'>): void {
  const mtu = said(request, MTU);
  if (!request.enableIPv6 || mtu === undefined || Number(mtu) >= MIN_MTU_V6) return;
  throw invalid(`network ${request.name}: an MTU of ${mtu} is too small for IPv6: expected ${MIN_MTU_V6} or more`);
}
