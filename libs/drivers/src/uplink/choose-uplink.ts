import { conflict, invalid, listed, type SkepError } from '#lib/common';
import type { NetworkRequest, ObservedLink } from '#lib/domain';
import type { NodeView } from '../driver.js';
import { bindingOf, INTERFACE_OPTION } from './uplink-options.js';

/** The link that a network is bound to. */
export interface Uplink {
  link: ObservedLink;
  /** the bridge of somebody else that holds the link, or that the link itself is: frames must go through it */
  bridge?: ObservedLink;
}

/**
 * The link that the options name, else the one that the default route leaves by. Refuses what is no uplink with the
 * names of those that are (`invalid`), and a link that is held by something that cannot be shared (`conflict`). Pure.
 */
export function chooseUplink(request: NetworkRequest, around: NodeView): Uplink {
  const link = named(request, around) ?? routed(request, around);
  if (link.kind === 'bridge') return { link, bridge: link };
  const master = masterOf(link, around);
  if (!master || around.networks.some((network) => network.linkName === master.name)) return { link };
  if (master.kind !== 'bridge') throw heldUplink(request, link, master);
  return { link, bridge: master };
}

/** Links that a network may be bound to: neither loopback nor anything that this node has made. */
export function uplinksOf({ names, links, networks }: NodeView): ObservedLink[] {
  const ours = new Set(networks.map((network) => network.linkName));
  return links.filter(({ name }) => name !== 'lo' && !ours.has(name) && !name.startsWith(names.linkPrefix));
}

/** An uplink belongs to something else (the "existing switch"), which this network cannot go through. */
export function heldUplink({ name }: NetworkRequest, link: ObservedLink, master: ObservedLink): SkepError {
  return conflict(
    `network ${name}: interface ${link.name} is a port of ${master.name} (${master.kind || 'kind unknown'}), which this node did not make. ` +
      `Three ways out: take it out of ${master.name} ("ip link set ${link.name} nomaster"), or remove ${master.name}; ` +
      `after a change, "skep network rescan" looks at the links again; or choose another interface with -o ${INTERFACE_OPTION}=NAME`,
  );
}

function named(request: NetworkRequest, around: NodeView): ObservedLink | undefined {
  const { link: name } = bindingOf(request, around.links);
  if (name === undefined) return undefined;
  const usable = uplinksOf(around);
  const found = usable.find((link) => link.name === name);
  if (found) return found;
  const exists = around.links.some((link) => link.name === name);
  const problem = exists ? `interface ${name} leads nowhere outside this node` : `no interface ${name} on this node`;
  throw invalid(`network ${request.name}: ${problem}; ${offer(usable)}`);
}

function routed(request: NetworkRequest, around: NodeView): ObservedLink {
  const usable = uplinksOf(around);
  for (const anywhere of ['0.0.0.0/0', '::/0']) {
    for (const { destination, link } of around.routes) {
      if (destination !== anywhere) continue;
      // The link of a network of ours may carry the node's own traffic, on behalf of its uplink.
      const name = around.networks.find((network) => network.linkName === link)?.uplink ?? link;
      const found = usable.find((each) => each.name === name);
      if (found) return found;
    }
  }
  const advice = `name the interface with -o ${INTERFACE_OPTION}=NAME`;
  throw invalid(
    `network ${request.name}: there is no default route to tell the uplink by; ${advice}; ${offer(usable)}`,
  );
}

function offer(links: readonly ObservedLink[]): string {
  return links.length === 0 ? 'there are none' : `there are: ${listed(links.map((link) => link.name))}`;
}

function masterOf(link: ObservedLink, { links }: NodeView): ObservedLink | undefined {
  return links.find((each) => each.name === link.master);
}
