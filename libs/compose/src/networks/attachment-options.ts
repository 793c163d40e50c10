import { invalid } from '#lib/common';
import { ADDRESS_OPTIONS } from '#lib/domain';
import type { ServiceNetwork } from '../model/service.js';

const FIELDS = [
  ['ipv4_address', ADDRESS_OPTIONS.ipv4],
  ['ipv6_address', ADDRESS_OPTIONS.ipv6],
] as const;

/**
 * The driver options of a swarm service's attachment (`TaskTemplate.Networks[].DriverOpts`) that say what Compose's
 * `networks.NAME` of a service says: its `driver_opts`, and its static addresses as options of ours. Pure.
 * @param where for people: `services.web.networks.net`
 */
export function attachmentOptions(use: ServiceNetwork | null | undefined, where: string): Record<string, string> {
  const options = Object.fromEntries(Object.entries(use?.driver_opts ?? {}).map(([key, value]) => [key, value ?? '']));
  for (const [field, option] of FIELDS) {
    const address = use?.[field];
    if (address === undefined) continue;
    if (options[option] !== undefined) {
      throw invalid(`${where}: ${field} and driver_opts.${option} are both given; one of them is enough`);
    }
    options[option] = address;
  }
  return options;
}
