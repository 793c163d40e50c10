import { conflict, invalid, SkepError } from '#lib/common';
import type { IpamPool } from '#lib/domain';
import { formatAddress, holds, parseAddress, parseCidr, usable, type AddressRange } from './cidr.js';
import { reservedOf } from './leases.js';

/** `ADDRESS`, `FIRST-LAST`, or several of them with commas between → ranges that do not overlap. @param what where it was found */
export function parseAddressList(text: string, what: string): AddressRange[] {
  const ranges = text.split(',').map((part): AddressRange => {
    const [from = '', to = from, ...rest] = part.split('-').map((each) => each.trim());
    const first = parseAddress(from, what);
    const last = parseAddress(to, what);
    if (rest.length > 0 || first.family !== last.family || first.value > last.value) {
      throw invalid(`${what}: ${part.trim()} is not a range; expected FIRST-LAST, the lower address first`);
    }
    return { family: first.family, first: first.value, last: last.value };
  });
  const doubled = ranges.find((one, index) => ranges.slice(index + 1).some((other) => rangesOverlap(one, other)));
  if (doubled) throw invalid(`${what}: ${formatRange(doubled)} is listed twice`);
  return ranges;
}

export function formatRange({ family, first, last }: AddressRange): string {
  return first === last
    ? formatAddress(family, first)
    : `${formatAddress(family, first)}-${formatAddress(family, last)}`;
}

export function rangesOverlap(a: AddressRange, b: AddressRange): boolean {
  return a.family === b.family && a.first <= b.last && b.first <= a.last;
}

export function rangeHolds({ family, first, last }: AddressRange, address: string): boolean {
  const { family: own, value } = parseAddress(address, 'address');
  return family === own && first <= value && value <= last;
}

/** Every listed address must be one that an endpoint of the pool may have; `invalid` and `conflict` say which is not. */
export function checkListed(ranges: readonly AddressRange[], pool: IpamPool): void {
  const subnet = parseCidr(pool.subnet, 'subnet');
  const { first, last } = usable(subnet);
  for (const range of ranges) {
    if (!holds(subnet, range.family, range.first) || range.first < first || range.last > last) {
      throw invalid(
        `${formatRange(range)} is not inside subnet ${pool.subnet}: expected addresses from ${formatAddress(subnet.family, first)} to ${formatAddress(subnet.family, last)}`,
      );
    }
    const [address, why] = reservedOf(pool).find(([each]) => rangeHolds(range, each)) ?? [];
    if (why !== undefined) throw conflict(`${formatRange(range)} contains ${address!}, which is ${why}`);
  }
}

/**
 * A listed address that nobody has: the `preferred`th where it is free, else the first. Never enumerates the list.
 * @param preferred counts from 0
 * @throws `exhausted` when all are in use
 */
export function leaseListed(
  ranges: readonly AddressRange[],
  used: ReadonlyMap<string, string>,
  preferred: number,
): string {
  const wished = nth(ranges, preferred);
  if (wished !== undefined && !used.has(wished)) return wished;
  for (const { family, first, last } of ranges) {
    for (let value = first; value <= last; value++) {
      const address = formatAddress(family, value);
      if (!used.has(address)) return address;
    }
  }
  throw new SkepError('exhausted', `no address is left in ${ranges.map(formatRange).join(',')}: all are in use`);
}

function nth(ranges: readonly AddressRange[], index: number): string | undefined {
  let left = BigInt(index);
  for (const { family, first, last } of ranges) {
    const size = last - first + 1n;
    if (left < size) return formatAddress(family, first + left);
    left -= size;
  }
  return undefined;
}
