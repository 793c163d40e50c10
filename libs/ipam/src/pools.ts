import { conflict, invalid, SkepError } from '#lib/common';
import type { IpamPool, IpamRequest } from '#lib/domain';
import {
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

/** Grants what was asked for, or chooses. A subnet in use is refused (`conflict`) with the name of what it overlaps. */
export function grantPool(request: IpamRequest, options: PoolOptions): IpamPool {
  const subnet = request.subnet ? requestedSubnet(request.subnet, options) : freeSubnet(options);
  const { first, last } = usable(subnet);
  const text = formatCidr(subnet);
  const inside = (what: string, address: string): bigint => {
    const { family, value } = parseAddress(address, what);
    if (holds(subnet, family, value) && value >= first && value <= last) return value;
    throw invalid(
      `${what} ${address} is not a usable address of subnet ${text}: expected ${formatAddress(subnet.family, first)} to ${formatAddress(subnet.family, last)}`,
    );
  };
  const gateway = request.gateway ? inside('gateway', request.gateway) : first;
  if (request.ipRange) {
    const range = parseCidr(request.ipRange, 'ip_range');
    if (!contains(subnet, range)) throw invalid(`ip_range ${request.ipRange} is not inside subnet ${text}`);
  }
  for (const [name, address] of Object.entries(request.auxAddresses ?? {})) inside(`aux address ${name}`, address);
  return { ...request, subnet: text, gateway: formatAddress(subnet.family, gateway) };
}

function requestedSubnet(text: string, { taken, within }: PoolOptions): Cidr {
  const subnet = parseCidr(text, 'subnet');
  if (within && !contains(parseCidr(within.cidr, within.name), subnet)) {
    throw invalid(`subnet ${text} is not part of ${within.cidr}, which ${within.name} sets`);
  }
  const holder = holderOf(subnet, taken);
  if (holder) throw conflict(`subnet ${text} overlaps ${holder.by} (${holder.cidr})`);
  return subnet;
}

function freeSubnet({ family, bases, taken, within }: PoolOptions): Cidr {
  for (const { base, size, order } of bases) {
    const whole = parseCidr(base, 'address pool');
    if (whole.family !== family || size < whole.prefix) continue;
    if (within && !contains(parseCidr(within.cidr, within.name), whole)) continue;
    const step = sizeOf({ family, prefix: size });
    const count = sizeOf(whole) / step;
    for (let index = 0n; index < count; index++) {
      const at = order === 'first-to-last' ? index : count - 1n - index;
      const candidate: Cidr = { family, base: whole.base + at * step, prefix: size };
      if (!holderOf(candidate, taken)) return candidate;
    }
  }
  const names = bases.map(({ base, size }) => `${base} in /${size}s`).join(', ');
  throw new SkepError(
    'exhausted',
    `no free IPv${family} subnet is left in ${names}: remove a network or give a subnet`,
  );
}

function holderOf(subnet: Cidr, taken: readonly Taken[]): Taken | undefined {
  return taken.find((each) => overlaps(subnet, parseCidr(each.cidr, each.by)));
}
