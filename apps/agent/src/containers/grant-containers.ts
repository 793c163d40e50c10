import { isIPv6 } from 'node:net';
import { conflict, invalid, messageOf, notFound, SkepError } from '#lib/common';
import {
  endpointId,
  isActive,
  type Container,
  type Endpoint,
  type Network,
  type ObservedLink,
  type PortRequest,
  type PublishedPort,
} from '#lib/domain';
import { withHostBinding } from '#lib/drivers';
import type { Store } from '#lib/store';
import { grantEndpoints, type EndpointRequest, type EndpointView } from '../networks/grant-endpoints.js';
import { grantedIn } from '../networks/granted.js';
import { PortBook, type PortView } from '../networks/grant-ports.js';
import { sameWire } from '../networks/same-wire.js';
import type { Draft } from './draft.js';

/** What the node has to give, and who has it. */
export interface GrantFacts {
  view: Pick<Store, 'get' | 'list'>;
  /** networks that exist or are made in the same transaction */
  networks: readonly Network[];
  /** containers that stay; those that leave in the same transaction excepted */
  others: readonly Container[];
  /** the node's links: on a physical segment it has addresses itself */
  links: readonly ObservedLink[];
  listening: PortView['listening'];
  random: PortView['random'];
  quarantined(networkId: string): Set<string>;
}

/** A container that runs or will run holds its ports and its addresses against everybody; a stopped one does not. */
const holds = (facts: GrantFacts) => (container: Container) =>
  isActive(container, facts.view.get('status', container.id)?.value);

/**
 * Turns drafts into containers with addresses and ports of their own, all or none: static addresses before chosen
 * ones. Pure. Errors: `conflict` for what somebody else has, `not_found` for an unknown network, `exhausted`.
 * @param before the ports that the draft's predecessor had: a chosen port is kept where it is free
 */
export function grantContainers<D extends Draft>(
  drafts: readonly D[],
  facts: GrantFacts,
  before: (draft: D) => readonly PublishedPort[] | undefined = () => undefined,
): { draft: D; endpoints: Container['endpoints']; ports: PublishedPort[] }[] {
  const requests = drafts.flatMap((draft) =>
    draft.attachments.map((each): EndpointRequest => ({ ...each, containerId: draft.id, containerName: draft.name })),
  );
  const endpoints = grantEndpoints(requests, endpointView(facts));
  const ports = portBook(facts);
  return drafts.map((draft) => {
    const own = endpoints.get(draft.id) ?? [];
    const wishes = withHostBinding(draft.portRequests, own, facts.networks);
    return { draft, endpoints: own, ports: ports.grant(wishes, `container ${draft.name}`, before(draft)) };
  });
}

export function endpointView(facts: GrantFacts): EndpointView {
  return {
    networks: facts.networks,
    containers: facts.others,
    links: facts.links,
    holds: holds(facts),
    quarantined: (id) => facts.quarantined(id),
    granted: (containerId, networkId) => grantedIn(facts.view, containerId, networkId),
  };
}

/**
 * A container that was stopped is to run again: its ports are granted anew, its addresses must still be its own, but for
 * those on networks of the swarm, which it was given anew. Pure.
 */
export function regrant(before: Container, facts: GrantFacts): Container {
  const container = reattached(before, facts.view);
  const others = facts.others.filter((other) => other.id !== container.id);
  for (const endpoint of container.endpoints) {
    const { networkId } = endpoint;
    const network = facts.networks.find((each) => each.id === networkId && each.target === 'present');
    if (!network) {
      throw notFound(`network ${networkId} not found: container ${container.name} is attached to it`);
    }
    const near = new Set(facts.networks.filter((other) => sameWire(network, other)).map(({ id }) => id));
    const taken = (at: Endpoint) => near.has(at.networkId) && sameAddress(at, endpoint);
    const holder = others.filter(holds(facts)).find((other) => other.endpoints.some(taken));
    if (holder) {
      throw conflict(
        `Address already in use: ${endpoint.ipv4 ?? endpoint.ipv6 ?? ''} of container ${container.name} was given to container ${holder.name} while it was stopped`,
      );
    }
  }
  // Whatever it left went with its namespace.
  const { leaving: _gone, ...settled } = container;
  const next: Container = container.target === 'created' ? container : settled;
  if (!container.portRequests) return next;
  const wishes = withHostBinding(container.portRequests, container.endpoints, facts.networks);
  return { ...next, ports: programmed(container, wishes, portBook({ ...facts, others })) };
}

/** With the addresses on networks of the swarm that it has now. Pure. */
export function reattached(container: Container, view: Pick<Store, 'get'>): Container {
  if (container.endpoints.every((at) => at.cluster === undefined)) return container;
  const endpoints = container.endpoints.map((at) => {
    const granted = at.cluster === undefined ? undefined : grantedIn(view, container.id, at.networkId);
    return granted ? { ...at, ipv4: granted.ipv4, ipv6: granted.ipv6 } : at;
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

/** Ports that would lead nowhere, since nothing translates from one address family to the other. */
export function refuseUnreachable(endpoints: Container['endpoints'], requests: readonly PortRequest[]): void {
  if (endpoints.some((endpoint) => endpoint.ipv6 !== undefined)) return;
  const lost = requests.find(({ hostIp }) => isIPv6(hostIp));
  if (!lost) return;
  throw invalid(
    `port ${lost.containerPort}/${lost.protocol} cannot be published on [${lost.hostIp}]: the container has no IPv6 address; attach it to a network with an IPv6 subnet`,
  );
}

function portBook(facts: GrantFacts): PortBook {
  const { listening, random, view } = facts;
  const services = view.list('assignment').flatMap((each) => (each.kind === 'service' ? [each.value] : []));
  return new PortBook({ containers: facts.others.filter(holds(facts)), services, listening, random });
}

function sameAddress(a: Endpoint, b: Endpoint): boolean {
  const same = (family: 'ipv4' | 'ipv6') => a[family] !== undefined && a[family] === b[family];
  return same('ipv4') || same('ipv6');
}
