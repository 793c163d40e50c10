import { SkepError } from '#lib/common';
import type { Endpoint } from '#lib/domain';
import type { Host } from '#lib/host';

/** The node may have met the endpoint on the link; whoever gets the address next has another MAC. */
export async function forgetNeighbour({ ipv4, ipv6 }: Endpoint, link: string, host: Host): Promise<void> {
  for (const address of [ipv4, ipv6]) {
    if (address === undefined) continue;
    await host.ip([['neigh', 'del', address, 'dev', link]]).catch((error: unknown) => {
      if (!SkepError.is(error, 'not_found')) throw error;
    });
  }
}
