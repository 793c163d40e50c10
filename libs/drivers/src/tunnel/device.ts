import { conflict } from '#lib/common';
import type { ObservedLink, Tunnel } from '#lib/domain';
import type { Host } from '#lib/host';
import type { DriverContext, KernelView } from '../driver.js';
import { means } from './means.js';
import { changesOf, parseDump } from './settings.js';
import { startUserspace } from './userspace.js';
import { wg } from './wg.js';

/** What WireGuard puts around a packet, by the family that carries it: outer headers, its own 16 bytes and the tag of 16. */
const OVERHEAD = { ipv4: 60, ipv6: 80 } as const;
const KINDS: readonly string[] = ['wireguard', 'tun'];
const PREFIX = 48;

export interface DeviceRequest {
  /** with preshared keys opened */
  tunnel: Tunnel;
  /** base64 */
  privateKey: string;
  /** below it the node keeps the state of this boot; a process of ours carries it in its environment */
  execRoot: string;
}

/** The device is there and has its address. Whether it knows its peers, the caller knows: it notes what it made last. */
export function tunnelReady({ address }: Tunnel, { links, names }: Pick<KernelView, 'links' | 'names'>): boolean {
  const link = links.get(names.tunnel);
  return link !== undefined && KINDS.includes(link.kind) && link.up && link.addresses.includes(`${address}/${PREFIX}`);
}

/**
 * The node's WireGuard device, by the kernel where it can and by wireguard-go where not. Only what differs is changed, so
 * sessions go on; another preshared key is used from the next handshake on, two minutes later at most.
 */
export async function ensureTunnel(
  request: DeviceRequest,
  { host, names }: Pick<DriverContext, 'host' | 'names'>,
): Promise<void> {
  const { tunnel, privateKey, execRoot } = request;
  const name = names.tunnel;
  const there = linkOf(name, host);
  if (there && !KINDS.includes(there.kind)) {
    throw conflict(`the link ${name} exists and is no WireGuard device (${there.kind || 'a physical link'})`);
  }
  if (!there) await make(name, execRoot, host);
  const known = parseDump(await wg(['show', name, 'dump']));
  for (const { args, secrets } of changesOf(known, { ...tunnel, privateKey }))
    await wg(['set', name, ...args], secrets);
  await address(name, tunnel, host);
}

async function make(name: string, execRoot: string, host: Host): Promise<void> {
  if ((await means(host, name)) === 'kernel') await host.ip([['link', 'add', 'name', name, 'type', 'wireguard']]);
  else await startUserspace(name, execRoot, host);
}

async function address(name: string, tunnel: Tunnel, host: Host): Promise<void> {
  const link = linkOf(name, host);
  const own = `${tunnel.address}/${PREFIX}`;
  host.sysctl(`net/ipv6/conf/${name}/disable_ipv6`, '0');
  // 1: no address but ours
  host.sysctl(`net/ipv6/conf/${name}/addr_gen_mode`, '1', { optional: true });
  const strange = (link?.addresses ?? []).filter((each) => each !== own && !/^fe80:/i.test(each));
  await host.ip([
    ...strange.map((each) => ['addr', 'del', each, 'dev', name]),
    ...(link?.addresses.includes(own) ? [] : [['addr', 'add', own, 'dev', name, 'nodad']]),
  ]);
  const underlay = host.links().find((each) => each.addresses.some((one) => one.split('/')[0] === tunnel.underlay));
  const mtu = (underlay?.mtu ?? 1500) - OVERHEAD[tunnel.underlay.includes(':') ? 'ipv6' : 'ipv4'];
  if (link?.up && link.mtu === mtu) return;
  await host.ip([['link', 'set', 'dev', name, 'mtu', String(mtu), 'up']]);
}

function linkOf(name: string, host: Host): ObservedLink | undefined {
  return host.links().find((link) => link.name === name);
}
