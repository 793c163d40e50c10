import { invalid } from '#lib/common';
import { overlaps, parseCidr } from '#lib/ipam';

/** Docker's defaults. */
const POOL = '10.0.0.0/8';
const SIZE = { 4: 24, 6: 64 } as const;
/** Smaller ones have no room for a gateway and a few tasks. */
const LONGEST = { 4: 29, 6: 125 } as const;

/**
 * Where subnets of overlay networks come from: `--default-addr-pool`, cut into prefixes of `--default-addr-pool-mask-length`.
 * The length is that of IPv4 subnets; IPv6 pools are cut into /64s. Pure.
 */
export function addressPoolsOf(pools: readonly string[], length: number | undefined): { base: string; size: number }[] {
  const bases = (pools.length > 0 ? pools : [POOL]).map((text) => ({
    text,
    cidr: parseCidr(text, '--default-addr-pool'),
  }));
  return bases.map(({ text, cidr }, index) => {
    const other = bases.slice(0, index).find((each) => overlaps(each.cidr, cidr));
    if (other) throw invalid(`--default-addr-pool ${text} overlaps --default-addr-pool ${other.text}`);
    const { family, prefix } = cidr;
    const size = (family === 4 && length) || SIZE[family];
    if (size < prefix || size > LONGEST[family]) {
      throw invalid(
        `--default-addr-pool ${text} cannot be cut into /${size}s: --default-addr-pool-mask-length ${prefix} to ${LONGEST[family]} is possible`,
      );
    }
    return { base: text, size };
  });
}
