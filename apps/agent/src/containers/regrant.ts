import { conflict, messageOf, notFound, SkepError } from '#lib/common';
import {
  endpointId,
  type Container,
  type Endpoint,
  type Network,
  type PortRequest,
  type PublishedPort,
} from '#lib/domain';
import { withHostBinding } from '#lib/drivers';
import type { Store } from '#lib/store';
import { grantEndpoints } from '../ipam/grant-endpoints.js';
import { grantedIn } from '../ipam/granted.js';
import { sameWire } from '../ipam/same-wire.js';
import { endpointView, holds, portBook, refuseStraySysctls, type GrantFacts } from './grant-containers.js';
import type { PortBook } from './grant-ports.js';

const FAMILIES = ['ipv4', 'ipv6'] as const;

/**
 * A container that was stopped is to run again: its ports are granted anew, and its addresses stay its own where they can.
 * Where somebody else was given one meanwhile, it gets another one, but for those that were asked for. Pure.
 */
export function regrant(before: Container, facts: GrantFacts): Container {
  const container = readdressed(before, facts);
  refuseStraySysctls(container);
  if (!container.portRequests) return container;
  const others = facts.others.filter((other) => other.id !== container.id);
  const wishes = withHostBinding(container.portRequests, container.endpoints, facts.networks);
  return { ...container, ports: programmed(container, wishes, portBook({ ...facts, others })) };
}

/** The addresses alone: whoever attaches to it before its start needs no ports yet. Pure. */
export function readdressed(before: Container, facts: GrantFacts): Container {
  const container = reattached(before, facts.view);
  const others = facts.others.filter((other) => other.id !== container.id);
  let { endpoints } = container;
  for (const endpoint of container.endpoints) {
    const own = { ...container, endpoints };
    const free = withFreeAddresses(own, endpoint, { ...facts, others });
    endpoints = endpoints.map((at) => (at === endpoint ? free : at));
  }
  // Whatever it left went with its namespace.
  const { leaving: _gone, ...settled } = container;
  return { ...(container.target === 'created' ? container : settled), endpoints };
}

function withFreeAddresses(container: Container, endpoint: Endpoint, facts: GrantFacts): Endpoint {
  const network = networkOf(container, endpoint, facts);
  const near = new Set(facts.networks.filter((other) => sameWire(network, other)).map(({ id }) => id));
  const active = facts.others.filter(holds(facts));
  const lost = FAMILIES.filter((family) => {
    const taken = (at: Endpoint) => near.has(at.networkId) && at[family] === endpoint[family];
    const holder = endpoint[family] && active.find((other) => other.endpoints.some(taken));
    if (!holder) return false;
    if (endpoint.cluster === undefined && endpoint.asked?.[family] === undefined) return true;
    throw conflict(
      `Address already in use: ${endpoint[family]} of container ${container.name} was given to container ${holder.name} while it was stopped`,
    );
  });
  return lost.length === 0 ? endpoint : leasedAnew(container, endpoint, { network, lost }, facts);
}

function networkOf(container: Container, { networkId, network: name }: Endpoint, { networks }: GrantFacts): Network {
  const found = networks.find((each) => each.id === networkId && each.target === 'present');
  if (found) return found;
  // Docker's words, and what they do not say.
  const named = name === undefined ? '' : `, which was named ${name}`;
  const advice = `take it off with "docker network disconnect ${name ?? networkId} ${container.name}"`;
  throw notFound(`network ${networkId} not found: container ${container.name} is attached to it${named}; ${advice}`);
}

/** The same interface with another address, which a DHCP server may have to say yet. */
function leasedAnew(
  container: Container,
  endpoint: Endpoint,
  { network, lost }: { network: Network; lost: readonly ('ipv4' | 'ipv6')[] },
  facts: GrantFacts,
): Endpoint {
  const { lease, ...rest } = endpoint;
  const kept = (family: 'ipv4' | 'ipv6') => (lost.includes(family) || lease ? undefined : endpoint[family]);
  const { ifName, aliases, links, gwPriority, priority } = endpoint;
  const wish = { network: network.name, ifName, aliases, links, gwPriority, priority };
  const request = { ...wish, ipv4: kept('ipv4'), ipv6: kept('ipv6') };
  const elsewhere = { ...container, endpoints: container.endpoints.filter((at) => at !== endpoint) };
  const [granted] =
    grantEndpoints(
      [{ ...request, containerId: container.id, containerName: container.name }],
      endpointView({ ...facts, others: [...facts.others, elsewhere] }),
    ).get(container.id) ?? [];
  const chosen = Object.fromEntries(lost.map((family) => [family, granted?.[family]]));
  return { ...rest, ...(lease && !lost.includes('ipv4') && { lease }), ...chosen };
}

/** With the addresses on networks of the swarm that it has now, and the MACs that follow from them. Pure. */
function reattached(container: Container, view: Pick<Store, 'get'>): Container {
  if (container.endpoints.every((at) => at.cluster === undefined)) return container;
  const endpoints = container.endpoints.map((at) => {
    const granted = at.cluster === undefined ? undefined : grantedIn(view, container.id, at.networkId);
    return granted ? { ...at, ipv4: granted.ipv4, ipv6: granted.ipv6, mac: granted.mac } : at;
  });
  return { ...container, endpoints };
}

/** Docker's frame around the reason, and its status 500. */
function programmed(container: Container, requests: readonly PortRequest[], book: PortBook): PublishedPort[] {
  try {
    return book.grant(requests, `container ${container.name}`, container.ports);
  } catch (error) {
    const { id, name, endpoints } = container;
    const endpoint = endpointId(id, endpoints[0]?.networkId ?? '');
    throw new SkepError(
      'exhausted',
      `failed to set up container networking: driver failed programming external connectivity on endpoint ${name} (${endpoint}): ${messageOf(error)}`,
      { cause: error },
    );
  }
}
