import { conflict, type SkepError } from '#lib/common';
import { isActive, usesDhcp, type Container, type Network } from '#lib/domain';
import type { Leased } from '#lib/drivers';
import type { Store } from '#lib/store';
import { sameWire } from './same-wire.js';

/** What a lease is held against. */
export interface Holders {
  view: Pick<Store, 'get' | 'list'>;
  /** the address that an endpoint's client holds at this moment */
  held(containerId: string, networkId: string): string | undefined;
}

/**
 * Why an address is not taken from a DHCP server: another container has it on the same segment, so whoever gave it is not
 * the server that gave that one, or knows nothing of it. Undefined: it is taken. Pure.
 */
export function refusedLease(
  container: Container,
  network: Network,
  { ipv4, lease }: Leased,
  { view, held }: Holders,
): SkepError | undefined {
  const holds = (other: Container, on: Network) =>
    usesDhcp(on) ? held(other.id, on.id) === ipv4 : isActive(other, view.get('status', other.id)?.value);
  const holder = view.list('container').find((other) =>
    other.endpoints.some((at) => {
      const on = view.get('network', at.networkId)?.value;
      if (at.ipv4 !== ipv4 || !on || (other.id === container.id && on.id === network.id)) return false;
      return sameWire(on, network) && holds(other, on);
    }),
  );
  if (!holder) return undefined;
  const server = lease.server === '' ? 'a DHCP server that does not say its address' : `DHCP server ${lease.server}`;
  return conflict(
    `container ${container.name} does not take the address ${ipv4} on network ${network.name}: ${server} gave it, and ` +
      `container ${holder.name} has it already. Check that this is the segment's own server, that no container or other ` +
      `machine answers in its place, and that its pool leaves out addresses that are given by hand`,
  );
}
