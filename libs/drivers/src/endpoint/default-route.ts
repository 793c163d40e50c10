import type { EndpointOf } from '../driver.js';
import { addressOf } from './inside.js';

/**
 * Which of a container's attachments holds its default route in a family: of those that have an address and a router
 * there, on networks that are not internal, the one with the highest gwPriority, then that of the first network by name.
 * Pure.
 */
export function defaultRouteHolder<At extends Pick<EndpointOf, 'endpoint' | 'network'>>(
  family: 'ipv4' | 'ipv6',
  attached: readonly At[],
): At | undefined {
  return attached
    .filter((at) => !at.network.internal && addressOf(at, family)?.gateway !== undefined)
    .sort((a, b) => b.endpoint.gwPriority - a.endpoint.gwPriority || (a.network.name < b.network.name ? -1 : 1))[0];
}
