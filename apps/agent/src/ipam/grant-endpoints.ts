import { invalid, notFound, SkepError, unavailable } from '#lib/common';
import {
  isVirtual,
  type Container,
  type Endpoint,
  type GrantedAttachment,
  type Network,
  type ObservedLink,
} from '#lib/domain';
import { driverFor } from '#lib/drivers';
import { leaseAddresses } from '#lib/ipam';
import { chooseMac, macsOn } from './choose-mac.js';
import { sameWire } from './same-wire.js';

/** An attachment as asked for; addresses that are absent are chosen by the IPAM. */
export interface AttachmentRequest {
  /** name of the network on the node */
  network: string;
  ifName?: string;
  ipv4?: string;
  ipv6?: string;
  mac?: string;
  linkLocal?: string[];
  driverOptions?: Record<string, string>;
  sysctls?: Record<string, string>;
  aliases: string[];
  links: Record<string, string>;
  gwPriority: number;
  priority: number;
}

/** An endpoint that has no address yet. */
export interface EndpointRequest extends AttachmentRequest {
  containerId: string;
  containerName: string;
  /** of the container in whose place it comes: it may have the same addresses at once, which rest for everybody else */
  had?: readonly Endpoint[];
}

export interface EndpointView {
  networks: readonly Network[];
  /** containers that have addresses now, also those that leave */
  containers: readonly Container[];
  /** does it hold its addresses also against somebody who asks for one of them? */
  holds(container: Container): boolean;
  /** the node's links: on a physical segment it has addresses itself */
  links: readonly ObservedLink[];
  quarantined(networkId: string): Set<string>;
  /** what the manager gave a container on a network of the swarm */
  granted(containerId: string, networkId: string): GrantedAttachment | undefined;
}

/** Leases addresses for all requests together: static ones first, over all of them. Container id → its endpoints. Pure. */
export function grantEndpoints(requests: readonly EndpointRequest[], view: EndpointView): Map<string, Endpoint[]> {
  const byNetwork = new Map<string, EndpointRequest[]>();
  for (const request of requests) byNetwork.set(request.network, [...(byNetwork.get(request.network) ?? []), request]);
  const granted = new Map<string, Endpoint[]>();
  for (const [name, attachments] of byNetwork) {
    const network = view.networks.find((each) => each.name === name && each.target === 'present');
    if (!network) throw notFound(`network ${name} not found`);
    if (isVirtual(network)) {
      throw invalid(
        `container ${attachments[0]!.containerName} cannot be connected to network ${name} beside others: ${name} is a network mode`,
      );
    }
    const ofSwarm = network.driver === 'overlay';
    const given = ofSwarm ? attachments.map((each) => grantedTo(each, network, view)) : [];
    const leased = (family: 'ipv4' | 'ipv6') =>
      ofSwarm ? given.map((each) => each[family]) : lease(attachments, network, family, view);
    const [ipv4, ipv6] = [leased('ipv4'), leased('ipv6')];
    const macs = macsOn(
      network,
      view.containers.filter(({ target }) => target !== 'removed'),
    );
    for (const { mac } of attachments) if (mac !== undefined) macs.add(mac.toLowerCase());
    attachments.forEach((request, index) => {
      const { containerId, ifName, mac, aliases, links, gwPriority, priority } = request;
      const own = given[index]?.mac ?? macOf(request, network, macs, view);
      macs.add(own);
      const endpoint: Endpoint = {
        networkId: network.id,
        ...(ofSwarm ? { cluster: network.name } : { network: network.name }),
        ifName: ifName ?? '',
        ipv4: ipv4?.[index],
        ipv6: ipv6?.[index],
        mac: own,
        asked: { ipv4: request.ipv4, ipv6: request.ipv6, mac },
        ...optionsOf(request),
        aliases,
        links,
        gwPriority,
        priority,
      };
      granted.set(containerId, [...(granted.get(containerId) ?? []), endpoint]);
    });
  }
  const nameOf = new Map(requests.map(({ containerId, containerName }) => [containerId, containerName]));
  for (const [id, endpoints] of granted) granted.set(id, named(endpoints, nameOf.get(id) ?? id, view.networks));
  return granted;
}

function optionsOf({ linkLocal, driverOptions, sysctls }: EndpointRequest) {
  return { ...(linkLocal && { linkLocal }), ...(driverOptions && { driverOptions }), ...(sysctls && { sysctls }) };
}

/** Addresses of a network of the swarm are the manager's to give, and are asked for before. */
function grantedTo(
  { containerId, containerName }: EndpointRequest,
  network: Network,
  view: Pick<EndpointView, 'granted'>,
): GrantedAttachment {
  const granted = view.granted(containerId, network.id);
  if (granted) return granted;
  throw unavailable(
    `network ${network.name}: the swarm's manager has given container ${containerName} no address there`,
  );
}

function macOf(
  { containerId, mac }: EndpointRequest,
  network: Network,
  taken: ReadonlySet<string>,
  { links }: EndpointView,
): string {
  const seed = mac ?? chooseMac(containerId, network, taken);
  return driverFor(network.driver).endpointMac?.({ seed, asked: mac }, network, links) ?? seed;
}

function lease(
  attachments: readonly EndpointRequest[],
  network: Network,
  family: 'ipv4' | 'ipv6',
  view: EndpointView,
): string[] | undefined {
  const pool = network.pools.find((each) => each.subnet.includes(':') === (family === 'ipv6'));
  if (!pool) {
    const asking = attachments.find((request) => request[family] !== undefined);
    if (!asking) return undefined;
    throw invalid(
      `${asking.containerName}: address ${asking[family] ?? ''} on network ${network.name}, which has no ${family} subnet`,
    );
  }
  const asked = attachments.map((request) => request[family]);
  const had = attachments.map((request) => request.had?.find((at) => at.networkId === network.id)?.[family]);
  const held = usedOn(network, family, new Set(had), view);
  const wishes = asked.map((address, at) => {
    const again = had[at];
    if (address !== undefined || again === undefined) return address;
    return held.has(again) || asked.includes(again) || had.indexOf(again) !== at ? undefined : again;
  });
  const used = usedOn(network, family, new Set(wishes), view);
  try {
    return leaseAddresses(pool, wishes, { used, quarantined: view.quarantined(network.id) });
  } catch (error) {
    throw SkepError.is(error) ? new SkepError(error.code, `network ${network.name}: ${error.message}`) : error;
  }
}

function usedOn(
  network: Network,
  family: 'ipv4' | 'ipv6',
  asked: ReadonlySet<string | undefined>,
  view: EndpointView,
): Map<string, string> {
  const used = new Map<string, string>();
  for (const link of view.links) {
    for (const address of link.addresses) used.set(address.split('/')[0]!, `link ${link.name} of this node`);
  }
  const near = new Map(view.networks.filter((other) => sameWire(network, other)).map((other) => [other.id, other]));
  for (const container of view.containers) {
    const left = view.holds(container) ? stillLeaving(container) : [];
    for (const endpoint of [...left, ...container.endpoints]) {
      const address = endpoint[family];
      const on = near.get(endpoint.networkId);
      if (!on || !address) continue;
      const where = on.id === network.id ? '' : ` on network ${on.name}`;
      const holds = view.holds(container) && !left.includes(endpoint);
      if (!asked.has(address) || holds) used.set(address, `container ${container.name}${where}`);
    }
  }
  return used;
}

/** What a container has left and may still have an address of; with its namespace all of it is gone. */
function stillLeaving({ target, leaving = [] }: Container): readonly Endpoint[] {
  return target === 'running' || target === 'created' ? leaving.filter(({ gone }) => !gone) : [];
}

/** Interface names that were asked for stay; the others are eth0, eth1, … by priority, then by network name. */
function named(endpoints: Endpoint[], containerName: string, networks: readonly Network[]): Endpoint[] {
  const nameOf = (endpoint: Endpoint) => networks.find((network) => network.id === endpoint.networkId)?.name ?? '';
  const ordered = [...endpoints].sort((a, b) => b.priority - a.priority || (nameOf(a) < nameOf(b) ? -1 : 1));
  const taken = new Map<string, Endpoint>();
  for (const endpoint of ordered) {
    const { ifName } = endpoint;
    const other = taken.get(ifName);
    if (other) {
      throw invalid(
        `container ${containerName}: networks ${nameOf(other)} and ${nameOf(endpoint)} are both to be its interface ${ifName}`,
      );
    }
    if (ifName !== '') taken.set(ifName, endpoint);
  }
  let next = 0;
  return ordered.map((endpoint) => {
    if (endpoint.ifName !== '') return endpoint;
    while (taken.has(`eth${next}`)) next += 1;
    const ifName = `eth${next++}`;
    return { ...endpoint, ifName };
  });
}
