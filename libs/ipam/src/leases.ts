import { conflict, invalid, SkepError } from '#lib/common';
import type { IpamPool } from '#lib/domain';
import {
  formatAddress,
  formatCidr,
  holds,
  lastOf,
  parseAddress,
  parseCidr,
  usable,
  type AddressRange,
  type Cidr,
} from './cidr.js';

export interface LeaseOptions {
  /** address → who holds it */
  used: ReadonlyMap<string, string>;
  /** given back a moment ago: not handed out dynamically, but granted on request */
  quarantined?: ReadonlySet<string>;
  /** promised to somebody: not handed out dynamically either */
  promised?: readonly AddressRange[];
  /** the address that was handed out last; the search goes on behind it, so that addresses are not reused at once */
  after?: string;
}

/**
 * One address for each request, in the order of the requests; `undefined` asks for any. Static ones are reserved
 * before the first dynamic one is chosen. Nothing is granted unless everything is.
 */
export function leaseAddresses(
  pool: IpamPool,
  requests: readonly (string | undefined)[],
  options: LeaseOptions,
): string[] {
  const subnet = parseCidr(pool.subnet, 'subnet');
  const fixed = new Map<string, string>(reservedOf(pool));
  const taken = new Set<string>([...fixed.keys(), ...options.used.keys()]);
  const statics = requests.map((request) => {
    if (request === undefined) return undefined;
    const address = staticAddress(request, subnet, pool, fixed, options.used);
    if (taken.has(address)) throw conflict(`address ${address} is asked for twice in subnet ${pool.subnet}`);
    taken.add(address);
    return address;
  });
  const next = dynamicAddresses(subnet, pool, taken, options);
  return statics.map((address) => address ?? next());
}

/** Addresses that no container gets, and why. */
export function reservedOf(pool: IpamPool): [address: string, why: string][] {
  const named = Object.entries(pool.auxAddresses ?? {}).map(([name, address]): [string, string] => [
    canonical(address),
    `aux address ${name}`,
  ]);
  return [[canonical(pool.gateway), 'the gateway'], ...named];
}

function staticAddress(
  request: string,
  subnet: Cidr,
  pool: IpamPool,
  fixed: ReadonlyMap<string, string>,
  used: ReadonlyMap<string, string>,
): string {
  const { family, value } = parseAddress(request, 'address');
  const { first, last } = usable(subnet);
  if (!holds(subnet, family, value) || value < first || value > last) {
    throw invalid(
      `address ${request} is not a usable address of subnet ${pool.subnet}: expected ${formatAddress(subnet.family, first)} to ${formatAddress(subnet.family, last)}`,
    );
  }
  const address = formatAddress(family, value);
  const holder = fixed.get(address) ?? used.get(address);
  if (holder) throw conflict(`address ${address} is already in use by ${holder}`);
  return address;
}

/** Hands out free addresses of the range, going round from behind the last one. Never enumerates the pool. */
function dynamicAddresses(subnet: Cidr, pool: IpamPool, taken: Set<string>, options: LeaseOptions): () => string {
  const range = pool.ipRange ? parseCidr(pool.ipRange, 'ip_range') : subnet;
  const whole = usable(subnet);
  const first = range.base > whole.first ? range.base : whole.first;
  const last = lastOf(range) < whole.last ? lastOf(range) : whole.last;
  const behind = options.after === undefined ? undefined : parseAddress(options.after, 'address').value + 1n;
  let cursor = behind !== undefined && behind >= first && behind <= last ? behind : first;
  const promised = options.promised ?? [];
  return () => {
    // Among taken and resting addresses plus one there is a free one, if there is any; a promised range is one step.
    const tries = BigInt(taken.size + (options.quarantined?.size ?? 0) + promised.length + 1);
    const span = last - first + 1n;
    for (let tried = 0n; tried < (tries < span ? tries : span); tried++) {
      const value = cursor;
      const promise = promised.find((each) => each.first <= value && value <= each.last);
      const seen = promise?.last ?? value;
      cursor = seen >= last ? first : seen + 1n;
      const address = formatAddress(subnet.family, value);
      if (promise || taken.has(address) || options.quarantined?.has(address)) continue;
      taken.add(address);
      return address;
    }
    throw new SkepError(
      'exhausted',
      `no address is left in ${formatCidr(range)}: all ${String(span)} are in use, reserved or resting`,
    );
  };
}

function canonical(address: string): string {
  const { family, value } = parseAddress(address, 'address');
  return formatAddress(family, value);
}
