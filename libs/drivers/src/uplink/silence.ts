import type { Host } from '#lib/host';

/** The node itself is not on this link: it neither asks nor answers there. */
export function silence(host: Host, link: string): void {
  host.sysctl(`net/ipv6/conf/${link}/disable_ipv6`, '1', { optional: true });
  // 8: no answer for any address of the node (ip-sysctl, arp_ignore)
  host.sysctl(`net/ipv4/conf/${link}/arp_ignore`, '8');
}
