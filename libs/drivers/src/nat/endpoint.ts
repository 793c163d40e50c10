import { SkepError } from '#lib/common';
import type { NodeNames, ObservedLink, ObservedRoute } from '#lib/domain';
import type { Host, IpLine } from '#lib/host';
import type { DriverContext, EndpointOf } from '../driver.js';
import { mtuOf, talksInside } from '../options.js';

export function endpointReady(
  { container, network }: EndpointOf,
  names: NodeNames,
  links: ReadonlyMap<string, ObservedLink>,
): boolean {
  const veth = links.get(names.veth(container.id, network.id));
  return veth?.kind === 'veth' && veth.up && veth.master === network.linkName;
}

/**
 * A veth pair: the node's end is a port of the bridge, the other one is born in the container's namespace. What is there
 * already and right is left alone, so that a running container keeps its connections.
 */
export async function ensureEndpoint(at: EndpointOf, { host, names }: DriverContext): Promise<void> {
  const netns = names.netns(at.container.id);
  const veth = names.veth(at.container.id, at.network.id);
  const outer = host.links().find((link) => link.name === veth);
  let inner = host.links(netns).find((link) => link.name === at.endpoint.ifName);
  const whole = outer?.kind === 'veth' && inner?.kind === 'veth' && inner.mac === at.endpoint.mac;
  if (!whole) {
    await removeStale(host, outer, inner && { link: inner, netns });
    inner = undefined;
  }
  await host.ip([
    ...(whole ? [] : [addPair(at, veth, netns)]),
    ...(whole && outer.up && outer.master === at.network.linkName ? [] : port(at, veth)),
  ]);
  setInnerSysctls(host, at, netns);
  await host.ip(innerLines(at, inner, host.routes(netns)), netns);
}

export async function removeEndpoint(
  { container, network }: EndpointOf,
  { host, names }: DriverContext,
): Promise<void> {
  const veth = names.veth(container.id, network.id);
  await removeStale(
    host,
    host.links().find((link) => link.name === veth),
  );
}

/** Either end takes the other one with it, and the kernel may be faster: the namespace may be going at this moment. */
async function removeStale(
  host: Host,
  outer: ObservedLink | undefined,
  inner?: { link: ObservedLink; netns: string },
): Promise<void> {
  const gone = (error: unknown) => {
    if (!SkepError.is(error, 'not_found')) throw error;
  };
  if (outer) await host.ip([['link', 'del', 'dev', outer.name]]).catch(gone);
  const left = inner && host.links(inner.netns).some((link) => link.name === inner.link.name);
  if (left) await host.ip([['link', 'del', 'dev', inner.link.name]], inner.netns).catch(gone);
}

function addPair({ endpoint, network }: EndpointOf, veth: string, netns: string): IpLine {
  const mtu = mtuOf(network);
  const size = mtu === undefined ? [] : ['mtu', String(mtu)];
  const peer = ['peer', 'name', endpoint.ifName, 'address', endpoint.mac, ...size, 'netns', netns];
  return ['link', 'add', 'name', veth, ...size, 'type', 'veth', ...peer];
}

function port({ network }: EndpointOf, veth: string): IpLine[] {
  const isolated = talksInside(network) ? [] : [['link', 'set', 'dev', veth, 'type', 'bridge_slave', 'isolated', 'on']];
  return [['link', 'set', 'dev', veth, 'master', network.linkName, 'up'], ...isolated];
}

function setInnerSysctls(host: Host, { endpoint }: EndpointOf, netns: string): void {
  const set = (key: string, value: string) =>
    host.sysctl(`net/ipv6/conf/${endpoint.ifName}/${key}`, value, { netns, optional: true });
  set('disable_ipv6', endpoint.ipv6 === undefined ? '1' : '0');
  if (endpoint.ipv6 === undefined) return;
  // Addresses are leased, so nobody else has them; routes come from us and from nobody on the bridge.
  set('accept_dad', '0');
  set('accept_ra', '0');
}

function innerLines(at: EndpointOf, link: ObservedLink | undefined, routes: readonly ObservedRoute[]): IpLine[] {
  const dev = ['dev', at.endpoint.ifName];
  const up = link?.up ? [] : [['link', 'set', ...dev, 'up']];
  const families = (['ipv4', 'ipv6'] as const).map((family) => {
    const pool = at.network.pools.find((each) => each.subnet.includes(':') === (family === 'ipv6'));
    const address = at.endpoint[family];
    if (!pool || address === undefined) return { addresses: [], routes: [] };
    const wanted = `${address}/${pool.subnet.split('/')[1]}`;
    const stale = link?.addresses.filter((each) => isGlobal(each, family) && each !== wanted) ?? [];
    const missing = !link?.addresses.includes(wanted);
    const noDad = family === 'ipv6' ? ['nodad'] : [];
    return {
      addresses: [
        ...stale.map((each) => ['addr', 'del', each, ...dev]),
        ...(missing ? [['addr', 'replace', wanted, ...dev, ...noDad]] : []),
      ],
      routes: defaultRoute(at, family, pool.gateway, routes),
    };
  });
  return [...families.flatMap((each) => each.addresses), ...up, ...families.flatMap((each) => each.routes)];
}

/** One network's gateway holds the default route of a family; it moves when a container joins or leaves networks. */
function defaultRoute(
  { endpoint, defaultRoute: holds }: EndpointOf,
  family: 'ipv4' | 'ipv6',
  gateway: string,
  routes: readonly ObservedRoute[],
): IpLine[] {
  const anywhere = family === 'ipv4' ? '0.0.0.0/0' : '::/0';
  const mine = routes.find((each) => each.destination === anywhere && each.link === endpoint.ifName);
  const line = (verb: string, via: string) => ['route', verb, 'default', 'via', via, 'dev', endpoint.ifName];
  if (holds[family]) return mine?.gateway === gateway ? [] : [line('replace', gateway)];
  return mine?.gateway === undefined ? [] : [line('del', mine.gateway)];
}

function isGlobal(address: string, family: 'ipv4' | 'ipv6'): boolean {
  return address.includes(':') === (family === 'ipv6') && !address.startsWith('fe80:');
}
