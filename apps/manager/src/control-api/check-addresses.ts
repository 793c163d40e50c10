import { conflict, invalid, SkepError } from '#lib/common';
import { ADDRESS_OPTIONS, type AddressFamily, type ClusterNetwork, type Service, type ServiceSpec } from '#lib/domain';
import { checkListed, formatRange, rangeHolds, rangesOverlap, type AddressRange } from '#lib/ipam';
import type { ClusterView } from '#lib/store';
import { AddressBook, networksOf, poolOf } from '../allocator/addresses.js';
import { listedAddresses } from '../allocator/static-addresses.js';

/**
 * Refuses static addresses that no task of the service could ever have: outside the subnet (`invalid`), or somebody
 * else's (`conflict`). Too few of them are no reason: tasks wait, and say for what. Pure.
 * @param service the one that is changed: what its tasks have is its own
 */
export function checkStaticAddresses(spec: ServiceSpec, service: Service | undefined, view: ClusterView): void {
  const asking = networksOf(spec).flatMap((at) => {
    const network = view.get('network', at.Target)?.value;
    const listed = network && listedAddresses(spec, network, at);
    return network ? Object.entries(listed!).map(([family, ranges]) => ({ network, family, ranges })) : [];
  });
  if (asking.length === 0) return;
  const book = new AddressBook(view, Date.now(), { service: service?.id });
  for (const { network, family, ranges } of asking) {
    const where = `service ${spec.Name}: ${ADDRESS_OPTIONS[family as AddressFamily]} on network ${network.name}`;
    const pool = poolOf(network, family as AddressFamily);
    if (!pool) throw invalid(`${where}: the network has no ${family === 'ipv4' ? 'IPv4' : 'IPv6'} subnet`);
    try {
      checkListed(ranges, pool);
    } catch (error) {
      throw SkepError.is(error) ? new SkepError(error.code, `${where}: ${error.message}`, { cause: error }) : error;
    }
    const others = view.list('service').filter((other) => other.id !== service?.id);
    const holder = listedBy(others, network, ranges) ?? held(book, network, ranges);
    if (holder !== undefined) throw conflict(`${where}: ${holder}`);
  }
}

function listedBy(
  others: readonly Service[],
  network: ClusterNetwork,
  ranges: readonly AddressRange[],
): string | undefined {
  for (const { spec } of others) {
    for (const at of networksOf(spec).filter(({ Target }) => Target === network.id)) {
      const theirs = Object.values(listedAddresses(spec, network, at)).flat();
      const both = ranges.find((range) => theirs.some((each) => rangesOverlap(range, each)));
      if (both) return `${formatRange(both)} is asked for by service ${spec.Name} as well`;
    }
  }
  return undefined;
}

function held(book: AddressBook, { id }: ClusterNetwork, ranges: readonly AddressRange[]): string | undefined {
  const found = book.holders(id).find(([address]) => ranges.some((range) => rangeHolds(range, address)));
  return found && `address ${found[0]} is already in use by ${found[1]}`;
}
