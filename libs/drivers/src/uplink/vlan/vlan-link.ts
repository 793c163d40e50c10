import { SkepError, unsupported } from '#lib/common';
import type { Network, NodeNames, ObservedLink } from '#lib/domain';
import type { Host } from '#lib/host';
import type { DriverContext, KernelView } from '../../driver.js';
import { missingUplink } from '../missing-uplink.js';
import { silence } from '../silence.js';
import { tag, untag } from './programs.js';

/** The links of a network in a VLAN, and the names of its programs where the kernel has no 8021q. */
interface VlanLinks {
  uplink: string;
  /** what the network stands on: frames there are those of the VLAN, without tags */
  link: string;
  /** the other end of a pair, so that `link` is one that can be up */
  end: string;
  /** a macvlan that lets the uplink hear frames for every MAC, for as long as it is there */
  ear: string;
  program: string;
  vlan: number;
}

function linksOf({ id, uplink, vlan, internal }: Network, names: NodeNames): VlanLinks | undefined {
  if (uplink === undefined || vlan === undefined || internal) return undefined;
  const link = names.vlan(id);
  const [end, ear] = [names.ofNetwork('k', id), names.ofNetwork('j', id)];
  return { uplink, link, end, ear, program: link, vlan };
}

/** True also for networks without a VLAN: they need no link. */
export function vlanReady(network: Network, { names, links }: KernelView): boolean {
  const all = linksOf(network, names);
  return all === undefined || isWhole(all, links);
}

/**
 * The link that a network in a VLAN stands on: an 8021q link where the kernel has them, else a pair with programs that
 * tag and untag. Networks without a VLAN need nothing.
 */
export async function ensureVlan(network: Network, { host, names }: DriverContext): Promise<void> {
  const all = linksOf(network, names);
  if (!all) return;
  const links = new Map(host.links().map((link) => [link.name, link]));
  if (isWhole(all, links)) return;
  const uplink = links.get(all.uplink);
  if (!uplink) throw missingUplink(network, links);
  await removeVlan(network, { host, names });
  if (!uplink.up) await host.ip([['link', 'set', 'dev', uplink.name, 'up']]);
  try {
    await host.ip([['link', 'add', 'link', all.uplink, 'name', all.link, 'type', 'vlan', 'id', String(all.vlan)]]);
    silence(host, all.link);
    await host.ip([['link', 'set', 'dev', all.link, 'up']]);
  } catch (error) {
    if (!SkepError.is(error, 'unsupported')) throw error;
    await ensurePair(network, all, uplink, host);
  }
}

export async function removeVlan(
  network: Network,
  { host, names }: Pick<DriverContext, 'host' | 'names'>,
): Promise<void> {
  const all = linksOf(network, names);
  if (!all) return;
  const links = new Map(host.links().map((link) => [link.name, link]));
  if (links.get(all.link)?.kind !== 'vlan') detach(all, host);
  const found = [all.ear, all.link].filter((name) => links.has(name));
  await host.ip(found.map((name) => ['link', 'del', 'dev', name]));
}

/** Programs know links by their indices: a link that was made again is a later one. */
function isWhole(all: VlanLinks, links: ReadonlyMap<string, ObservedLink>): boolean {
  const [uplink, link, end] = [links.get(all.uplink), links.get(all.link), links.get(all.end)];
  if (!uplink?.up || !link?.up) return false;
  if (link.kind === 'vlan') return link.parent === uplink.index;
  const ear = links.get(all.ear);
  const hears = uplink.master !== undefined || (ear?.up === true && ear.parent === uplink.index);
  return link.kind === 'veth' && end?.up === true && link.index > uplink.index && hears;
}

async function ensurePair(network: Network, all: VlanLinks, uplink: ObservedLink, host: Host): Promise<void> {
  const size = ['mtu', String(uplink.mtu)];
  const own = ['name', all.link, 'address', uplink.mac, ...size];
  await host.ip([['link', 'add', ...own, 'type', 'veth', 'peer', 'name', all.end, ...size]]);
  for (const each of [all.link, all.end]) silence(host, each);
  const index = host.links().find(({ name }) => name === all.link)?.index ?? 0;
  try {
    host.attachProgram(all.link, 'egress', all.program, tag(all.vlan, uplink.index));
    host.attachProgram(all.uplink, 'ingress', all.program, untag(all.vlan, index));
  } catch (error) {
    await host.ip([['link', 'del', 'dev', all.link]]);
    if (!SkepError.is(error, 'unsupported')) throw error;
    const ways = 'load the kernel module 8021q ("modprobe 8021q"), or run Linux 6.6 or newer';
    throw unsupported(
      `network ${network.name}: VLAN ${all.vlan}: this kernel can neither make a VLAN link nor run programs on links; ${ways}`,
      error,
    );
  }
  // A port of a bridge hears everything already, and carries no macvlan.
  if (uplink.master === undefined) {
    const private_ = ['type', 'macvlan', 'mode', 'private'];
    await host.ip([['link', 'add', 'link', all.uplink, 'name', all.ear, ...private_]]);
    silence(host, all.ear);
    await host.ip([['link', 'set', 'dev', all.ear, 'arp', 'off', 'promisc', 'on', 'up']]);
  }
  await host.ip([
    ['link', 'set', 'dev', all.end, 'up'],
    ['link', 'set', 'dev', all.link, 'up'],
  ]);
}

/** Also from an uplink that it had before: the frames of the VLAN would go nowhere there. */
function detach({ program }: VlanLinks, host: Host): void {
  for (const { name } of host.links()) {
    try {
      if (host.programs(name, 'ingress').includes(program)) host.detachProgram(name, 'ingress', program);
    } catch (error) {
      // A kernel that runs no programs has none, nor has a link that is just going.
      if (!SkepError.is(error, 'unsupported') && !SkepError.is(error, 'not_found')) throw error;
    }
  }
}
