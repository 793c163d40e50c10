import { conflict, invalid, listed, type SkepError } from '#lib/common';
import { linkName, type NetworkRequest, type ObservedLink } from '#lib/domain';
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
  const expected = linkName(link.name);
  if (expected !== undefined) throw invalid(`network ${request.name}: interface ${link.name}: expected ${expected}`);
  if (link.kind === 'bridge') return { link, bridge: link };
  const master = masterOf(link, around);
  if (!master || around.networks.some((network) => network.linkName === master.name)) return { link };
  if (master.kind !== 'bridge') throw heldUplink(request, link, master);
  return { link, bridge: master };
}

/** Kinds that have a MAC and carry no other MACs. */
const WITHOUT_SEGMENT: readonly string[] = ['ipvlan', 'vrf', 'ifb'];

/** Links that a network may be bound to: Ethernet, and neither loopback nor anything that this node has made. */
export function uplinksOf(around: NodeView): ObservedLink[] {
  return outsideLinks(around).filter(isEthernet);
}

function outsideLinks({ names, links, networks }: NodeView): ObservedLink[] {
  const ours = new Set(networks.map((network) => network.linkName));
  return links.filter(({ name }) => name !== 'lo' && !ours.has(name) && !name.startsWith(names.linkPrefix));
}

/** Tunnels (tun, WireGuard, ppp) and modems carry packets without MACs: nobody else's MAC can be on them. */
function isEthernet({ mac, kind }: ObservedLink): boolean {
  return /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(mac) && !WITHOUT_SEGMENT.includes(kind);
}

const noEthernet = ({ name, kind }: ObservedLink) =>
  `${name} is no Ethernet interface (${kind || 'it has no MAC'}): it carries no containers' MACs`;

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
  const other = outsideLinks(around).find((link) => link.name === name);
  const exists = around.links.some((link) => link.name === name);
  const problem = other
    ? `interface ${noEthernet(other)}`
    : exists
      ? `interface ${name} leads nowhere outside this node`
      : `no interface ${name} on this node`;
  throw invalid(`network ${request.name}: ${problem}; ${offer(usable)}`);
}

function routed(request: NetworkRequest, around: NodeView): ObservedLink {
  const usable = uplinksOf(around);
  const unusable: ObservedLink[] = [];
  for (const anywhere of ['0.0.0.0/0', '::/0']) {
    for (const { destination, link } of around.routes) {
      if (destination !== anywhere) continue;
      // The link of a network of ours may carry the node's own traffic, on behalf of its uplink.
      const name = around.networks.find((network) => network.linkName === link)?.uplink ?? link;
      const found = usable.find((each) => each.name === name);
      if (found) return found;
      unusable.push(...outsideLinks(around).filter((each) => each.name === name));
    }
  }
  const [other] = unusable;
  const problem = other
    ? `the default route leaves by ${other.name}, and ${noEthernet(other)}`
    : 'there is no default route to tell the uplink by';
  const advice = `name the interface with -o ${INTERFACE_OPTION}=NAME`;
  throw invalid(`network ${request.name}: ${problem}; ${advice}; ${offer(usable)}`);
}

function offer(links: readonly ObservedLink[]): string {
  return links.length === 0 ? 'there are none' : `there are: ${listed(links.map((link) => link.name))}`;
}

function masterOf(link: ObservedLink, { links }: NodeView): ObservedLink | undefined {
  return links.find((each) => each.name === link.master);
}
