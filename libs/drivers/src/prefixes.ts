import ipaddr from 'ipaddr.js';
import { contains, formatCidr, parseCidr, type Cidr } from '#lib/ipam';

/** The prefixes that lie in no other one: together they hold what all of them hold, and no two overlap. */
export function widest(prefixes: readonly string[]): string[] {
  const all = prefixes.map(cidrOf);
  const within = (inner: Cidr, at: number) => (outer: Cidr, other: number) =>
    other !== at && contains(outer, inner) && (other < at || !contains(inner, outer));
  return all.filter((each, at) => !all.some(within(each, at))).map(formatCidr);
}

/** Also where bits beyond the prefix were given. */
function cidrOf(text: string): Cidr {
  const [address, length] = ipaddr.parseCIDR(text);
  const family = address.kind() === 'ipv4' ? ipaddr.IPv4 : ipaddr.IPv6;
  return parseCidr(`${family.networkAddressFromCIDR(text).toString()}/${length}`, text);
}
