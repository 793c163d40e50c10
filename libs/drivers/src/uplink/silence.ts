import type { Host } from '#lib/host';

/**
 * The node itself is not on this link: it neither asks nor answers there.
 * @param neighbours6 the link is to know IPv6 neighbours, which the kernel allows only where IPv6 is on: without an address
 */
export function silence(host: Host, link: string, neighbours6 = false): void {
  const ipv6 = (key: string, value: string) => host.sysctl(`net/ipv6/conf/${link}/${key}`, value, { optional: true });
  if (neighbours6) {
    // 1: no link-local address (ip-sysctl, addr_gen_mode)
    ipv6('addr_gen_mode', '1');
    ipv6('accept_ra', '0');
  }
  ipv6('disable_ipv6', neighbours6 ? '0' : '1');
  // 8: no answer for any address of the node (ip-sysctl, arp_ignore)
  host.sysctl(`net/ipv4/conf/${link}/arp_ignore`, '8');
}
