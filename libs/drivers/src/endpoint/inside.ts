import ipaddr from 'ipaddr.js';
import { networkSysctls, usesDhcp, type ObservedLink, type ObservedRoute } from '#lib/domain';
import type { Host, IpLine } from '#lib/host';
import type { EndpointOf, KernelView } from '../driver.js';

type AddressFamily = 'ipv4' | 'ipv6';
const FAMILIES: readonly AddressFamily[] = ['ipv4', 'ipv6'];

/**
 * By this number (rtm_protocol; iproute2 shows it as `proto 83`) routes are known as skep's own. A default route of
 * anybody else is somebody's choice, and stays.
 */
const MAKER = 83;

/** Nothing is missing: `ensureInside` would do nothing. */
export function insideReady(at: EndpointOf, view: Pick<KernelView, 'inside'>): boolean {
  const found = view.inside(at.container.id);
  const link = found?.links.get(at.endpoint.ifName);
  if (!found || !link) return false;
  const { addresses, up, routes } = linesFor(at, link, found.routes);
  return addresses.length + up.length + routes.length === 0;
}

/**
 * Gives the endpoint's link, which exists, its addresses and routes in the container's namespace, and sets it up. What is
 * right is left alone; what is new is announced, because others may remember who had the address before.
 */
export async function ensureInside(at: EndpointOf, netns: string, host: Host): Promise<void> {
  setSysctls(host, at, netns);
  const link = host.links(netns).find(({ name }) => name === at.endpoint.ifName);
  const { addresses, up, routes } = linesFor(at, link, host.routes(netns));
  await host.ip([...addresses, ...up, ...routes], netns);
  if (addresses.length + up.length > 0) host.announce(at.endpoint.ifName, netns);
}

/** What the attachment says comes last, since it is about this link alone; each is written once. */
function setSysctls(host: Host, { container, endpoint }: EndpointOf, netns: string): void {
  const asked = new Map<string, string>();
  for (const { path, value, link } of networkSysctls(container)) if (link === endpoint.ifName) asked.set(path, value);
  for (const [path, value] of Object.entries(endpoint.sysctls ?? {})) {
    asked.set(`net/${path.replace('IFNAME', endpoint.ifName)}`, value);
  }
  const ipv6 = endpoint.ipv6 !== undefined || linkLocalOf(endpoint, 'ipv6').length > 0;
  // Addresses are leased, so nobody else has them; routes come from us and from nobody on the link.
  const ours = ipv6 ? { disable_ipv6: '0', accept_dad: '0', accept_ra: '0' } : { disable_ipv6: '1' };
  for (const [key, value] of Object.entries(ours)) {
    const path = `net/ipv6/conf/${endpoint.ifName}/${key}`;
    if (!asked.has(path)) host.sysctl(path, value, { netns, optional: true });
  }
  for (const [path, value] of asked) host.sysctl(path, value, { netns });
}

function linesFor(at: EndpointOf, link: ObservedLink | undefined, routes: readonly ObservedRoute[]) {
  const dev = ['dev', at.endpoint.ifName];
  const up = link?.up ? [] : [['link', 'set', ...dev, 'up']];
  const families = FAMILIES.map((family) => {
    const wanted = addressOf(at, family);
    const all = [...(wanted ? [wanted.cidr] : []), ...linkLocalOf(at.endpoint, family)];
    const missing = all.filter((each) => !has(link, each));
    const noDad = family === 'ipv6' ? ['nodad'] : [];
    return {
      addresses: [
        ...staleAddresses(at, family, link, all).map((each) => ['addr', 'del', each, ...dev]),
        ...missing.map((each) => ['addr', 'replace', each, ...dev, ...noDad]),
      ],
      routes: wanted ? defaultRoute(at, family, wanted.gateway, routes) : [],
    };
  });
  // Routes by a link need it up.
  return { addresses: families.flatMap((each) => each.addresses), up, routes: families.flatMap((each) => each.routes) };
}

/**
 * Addresses change while the link stays where a DHCP server or the swarm's manager gives them: then one that is not
 * wanted is an earlier one. Elsewhere it is somebody's choice.
 */
function staleAddresses(
  { network }: EndpointOf,
  family: AddressFamily,
  link: ObservedLink | undefined,
  wanted: readonly string[],
): string[] {
  if (!usesDhcp(network) && !network.overlay) return [];
  const strange = link?.addresses.filter((each) => isGlobal(each, family)) ?? [];
  return strange.filter((each) => !wanted.some((one) => isSame(each, one)));
}

/** The endpoint's address with the prefix length of its subnet, and the router there, if any. */
export function addressOf(
  { endpoint, network }: Pick<EndpointOf, 'endpoint' | 'network'>,
  family: AddressFamily,
): { cidr: string; gateway?: string } | undefined {
  const pool = network.pools.find((each) => each.subnet.includes(':') === (family === 'ipv6'));
  const address = endpoint[family];
  if (address === undefined) return undefined;
  const { lease } = endpoint;
  if (family === 'ipv4' && lease) return { cidr: `${address}/${lease.prefix}`, gateway: lease.gateway };
  if (!pool) return undefined;
  return { cidr: `${address}/${pool.subnet.split('/')[1]}`, gateway: pool.gateway };
}

/** Those that were asked for, with the prefix length of all link-local addresses (RFC 3927, RFC 4291). */
function linkLocalOf({ linkLocal = [] }: EndpointOf['endpoint'], family: AddressFamily): string[] {
  const own = linkLocal.filter((each) => each.includes(':') === (family === 'ipv6'));
  return own.map((each) => `${each}/${family === 'ipv6' ? 64 : 16}`);
}

/** One network's gateway holds the default route of a family; it moves when a container joins or leaves networks. */
function defaultRoute(
  { endpoint, defaultRoute: holds }: EndpointOf,
  family: AddressFamily,
  gateway: string | undefined,
  routes: readonly ObservedRoute[],
): IpLine[] {
  const anywhere = family === 'ipv4' ? '0.0.0.0/0' : '::/0';
  const present = routes.filter((each) => each.destination === anywhere);
  const mine = present.find((each) => each.link === endpoint.ifName && each.maker === MAKER);
  const line = (verb: string, via: string) => {
    const route = ['route', verb, 'default', 'via', via, 'dev', endpoint.ifName];
    return verb === 'del' ? route : [...route, 'proto', String(MAKER)];
  };
  if (!holds[family] || gateway === undefined) return mine?.gateway === undefined ? [] : [line('del', mine.gateway)];
  if (present.some((each) => each.maker !== MAKER)) return [];
  return mine?.gateway !== undefined && isSame(mine.gateway, gateway) ? [] : [line('replace', gateway)];
}

function isGlobal(address: string, family: AddressFamily): boolean {
  return address.includes(':') === (family === 'ipv6') && !address.startsWith('fe80:');
}

const has = (link: ObservedLink | undefined, cidr: string) =>
  link?.addresses.some((each) => isSame(each, cidr)) === true;

/** Of addresses, with prefix length or without: the kernel writes IPv6 in one way, people in many. */
function isSame(a: string, b: string): boolean {
  return a === b || (a.includes(':') && b.includes(':') && canonical(a) === canonical(b));
}

function canonical(cidr: string): string {
  const [address = '', ...prefix] = cidr.split('/');
  return [ipaddr.parse(address).toString(), ...prefix].join('/');
}
