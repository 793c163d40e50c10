import { unavailable } from '#lib/common';
import type { Network, ObservedLink } from '#lib/domain';
import { INTERFACE_OPTION } from './uplink-options.js';

/** The uplink was there when the network was made. */
export function missingUplink({ name, uplink = '' }: Network, links: ReadonlyMap<string, ObservedLink>): Error {
  const advice = `bring it back under this name, or let the network look for another one with "skep network rescan" (it follows the option ${INTERFACE_OPTION} or parent, or else the default route)`;
  return unavailable(
    `network ${name}: interface ${uplink} is gone; there are: ${[...links.keys()].join(', ')}; ${advice}`,
  );
}
