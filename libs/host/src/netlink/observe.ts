import type { ObservedLink, ObservedRoute } from '#lib/domain';
import type { Forwarding, Unanswered } from '../host.js';
import { decodeAddress, decodeLink, decodeRoute, RTM, type Message } from './codec.js';
import { decodeForwarding, decodeUnanswered, forwardingDump } from './forwarding.js';
import { dump, dumpBy } from './socket.js';

/** The links of the calling thread's namespace with their addresses, by index. */
export function observeLinks(): ObservedLink[] {
  return assembleLinks(dump(RTM.GETLINK), dump(RTM.GETADDR));
}

/** The main routing table of the calling thread's namespace. */
export function observeRoutes(): ObservedRoute[] {
  return assembleRoutes(dump(RTM.GETROUTE), dump(RTM.GETLINK));
}

/** Both, of one namespace at one moment. */
export function observeNamespace(): { links: ObservedLink[]; routes: ObservedRoute[] } {
  const links = dump(RTM.GETLINK);
  return {
    links: assembleLinks(links, dump(RTM.GETADDR)),
    routes: assembleRoutes(dump(RTM.GETROUTE), links),
  };
}

/** What the link of that index was told about where frames go. */
export function observeForwarding(index: number): Forwarding[] {
  return (['bridge', 'neighbour'] as const)
    .flatMap((table) => dumpBy(forwardingDump(table)))
    .flatMap((message) => decodeForwarding(message, index) ?? []);
}

/** Whom nobody has answered for, in the calling thread's namespace. */
export function observeUnanswered(): Unanswered[] {
  const names = new Map(observeLinks().map(({ index, name }) => [index, name]));
  return dumpBy(forwardingDump('neighbour')).flatMap((message) => {
    const found = decodeUnanswered(message);
    const link = found && names.get(found.index);
    return link === undefined ? [] : [{ link, address: found!.address }];
  });
}

export function assembleLinks(links: readonly Message[], addresses: readonly Message[]): ObservedLink[] {
  const records = links.filter((each) => each.type === RTM.NEWLINK).map((each) => decodeLink(each.payload));
  const names = new Map(records.map((record) => [record.index, record.name]));
  const byLink = new Map<number, string[]>();
  for (const each of addresses) {
    if (each.type !== RTM.NEWADDR) continue;
    const { index, address } = decodeAddress(each.payload);
    const list = byLink.get(index);
    if (list) list.push(address);
    else byLink.set(index, [address]);
  }
  return records
    .map(({ masterIndex, ...record }) => ({
      ...record,
      ...(masterIndex !== undefined && { master: names.get(masterIndex) }),
      addresses: byLink.get(record.index) ?? [],
    }))
    .sort((a, b) => a.index - b.index);
}

export function assembleRoutes(routes: readonly Message[], links: readonly Message[]): ObservedRoute[] {
  const names = new Map(
    links
      .filter((each) => each.type === RTM.NEWLINK)
      .map((each) => [each.payload.readInt32LE(4), decodeLink(each.payload).name]),
  );
  return routes
    .filter((each) => each.type === RTM.NEWROUTE)
    .flatMap((each) => decodeRoute(each.payload) ?? [])
    .map(({ destination, gateway, linkIndex, source, maker }) => {
      const link = linkIndex === undefined ? undefined : names.get(linkIndex);
      return {
        destination,
        ...(gateway !== undefined && { gateway }),
        ...(link !== undefined && { link }),
        ...(source !== undefined && { source }),
        ...(maker !== undefined && { maker }),
      };
    });
}
