import { conflict, invalid, SkepError } from '#lib/common';
import type { IpamPool, IpamRequest } from '#lib/domain';
import {
  bitsOf,
  lastOf,
  formatAddress,
  formatCidr,
  holds,
  overlaps,
  contains,
  parseAddress,
  parseCidr,
  sizeOf,
  usable,
  type Cidr,
  type Family,
} from './cidr.js';

/** A prefix that is in use already, and by what, in words for people (`route 10.0.0.0/8 via eth0`, `network web`). */
export interface Taken {
  cidr: string;
  by: string;
}

/** Where subnets come from when none is asked for: `base` is cut into prefixes of length `size`. */
export interface Base {
  base: string;
  size: number;
  /** last to first leaves low subnets to those who pick by hand */
  order: 'first-to-last' | 'last-to-first';
}

export interface PoolOptions {
  family: Family;
  bases: readonly Base[];
  taken: readonly Taken[];
  /** every subnet must be part of this prefix, when given; `name` is what set it */
  within?: { cidr: string; name: string };
}

/** Docker's words, by which tools know that another subnet may do. */
const OVERLAP = 'Pool overlaps with other one on this address space';

/** Grants what was asked for, or chooses. A subnet in use is refused (`conflict`) with the name of what it overlaps. */
export function grantPool(request: IpamRequest, options: PoolOptions): IpamPool {
  const subnet = request.subnet ? requestedSubnet(request.subnet, options) : freeSubnet(options);
  const text = formatCidr(subnet);
  const reserved = new Map<bigint, string>();
  for (const [name, address] of Object.entries(request.auxAddresses ?? {})) {
    const value = insideOf(subnet, `aux address ${name}`, address);
    const other = reserved.get(value);
    if (other !== undefined) throw conflict(`aux address ${name} ${address} is aux address ${other} already`);
    reserved.set(value, name);
  }
  if (request.ipRange && !contains(subnet, parseCidr(request.ipRange, 'ip_range'))) {
    throw invalid(`ip_range ${request.ipRange} is not inside subnet ${text}`);
  }
  return { ...request, subnet: text, gateway: gatewayOf(subnet, request.gateway, reserved) };
}

/** The one that was asked for, or the first address that has no other use. */
function gatewayOf(subnet: Cidr, wanted: string | undefined, reserved: ReadonlyMap<bigint, string>): string {
  if (wanted === undefined || wanted === '') {
    let { first } = usable(subnet);
    while (reserved.has(first)) first += 1n;
    return formatAddress(subnet.family, insideOf(subnet, 'gateway', formatAddress(subnet.family, first)));
  }
  const value = insideOf(subnet, 'gateway', wanted);
  const name = reserved.get(value);
  if (name !== undefined) throw conflict(`gateway ${wanted} is aux address ${name} already`);
  return formatAddress(subnet.family, value);
}

function insideOf(subnet: Cidr, what: string, address: string): bigint {
  const { family, value } = parseAddress(address, what);
  const { first, last } = usable(subnet);
  if (holds(subnet, family, value) && value >= first && value <= last) return value;
  throw invalid(
    `${what} ${address} is not a usable address of subnet ${formatCidr(subnet)}: expected ${formatAddress(subnet.family, first)} to ${formatAddress(subnet.family, last)}`,
  );
}

function requestedSubnet(text: string, { family, taken, within }: PoolOptions): Cidr {
  const subnet = parseCidr(text, 'subnet');
  if (subnet.family !== family) throw invalid(`subnet ${text} is not IPv${family}`);
  if (within && !contains(parseCidr(within.cidr, within.name), subnet)) {
    throw invalid(`subnet ${text} is not part of ${within.cidr}, which ${within.name} sets`);
  }
  const holder = taken.find((each) => overlaps(subnet, parseCidr(each.cidr, each.by)));
  if (holder) throw conflict(`${OVERLAP}: subnet ${text} overlaps ${holder.by} (${holder.cidr})`);
  return subnet;
}

function freeSubnet({ family, bases, taken, within }: PoolOptions): Cidr {
  const inUse = taken.map((each) => parseCidr(each.cidr, each.by)).filter((each) => each.family === family);
  for (const base of bases) {
    const whole = parseCidr(base.base, 'address pool');
    if (whole.family !== family || base.size < whole.prefix || base.size > bitsOf(family)) continue;
    if (within && !contains(parseCidr(within.cidr, within.name), whole)) continue;
    const found = freePart(whole, base, inUse);
    if (found) return found;
  }
  const names = bases.map(({ base, size }) => `${base} in /${size}s`).join(', ');
  throw new SkepError(
    'exhausted',
    `no free IPv${family} subnet is left in ${names}: remove a network or give a subnet`,
  );
}

/** Steps over each prefix in use as a whole, so that the work follows what is taken and not the size of the pool. */
function freePart(whole: Cidr, { size, order }: Base, inUse: readonly Cidr[]): Cidr | undefined {
  const step = sizeOf({ family: whole.family, prefix: size });
  const upward = order === 'first-to-last';
  let base = upward ? whole.base : lastOf(whole) + 1n - step;
  for (;;) {
    const candidate: Cidr = { family: whole.family, base, prefix: size };
    if (!contains(whole, candidate)) return undefined;
    const holder = inUse.find((each) => overlaps(candidate, each));
    if (!holder) return candidate;
    const edge = upward ? lastOf(holder) : holder.base;
    base = edge - (edge % step) + (upward ? step : -step);
  }
}

/** A /48 below fd00::/8 (RFC 4193) of one's own. @param digest hex digits that nobody else has, 10 at least */
export function uniqueLocalPrefix(digest: string): string {
  return `fd${digest.slice(0, 2)}:${digest.slice(2, 6)}:${digest.slice(6, 10)}::/48`;
}
