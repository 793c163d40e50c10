import ipaddr from 'ipaddr.js';
import type { ObservedRoute } from '#lib/domain';

export function mostSpecific(address: string, routes: readonly ObservedRoute[]): ObservedRoute | undefined {
  const wanted = ipaddr.parse(address);
  return routes
    .map((route) => ({ route, range: ipaddr.parseCIDR(route.destination) }))
    .filter(({ range }) => range[0].kind() === wanted.kind() && wanted.match(range))
    .sort((a, b) => b.range[1] - a.range[1])[0]?.route;
}
