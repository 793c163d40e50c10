import { isIPv6 } from 'node:net';
import { invalid } from '#lib/common';
import {
  isActive,
  straySysctl,
  type Container,
  type Endpoint,
  type Network,
  type ObservedLink,
  type PortRequest,
  type PublishedPort,
} from '#lib/domain';
import { withHostBinding } from '#lib/drivers';
import type { Store } from '#lib/store';
import { grantEndpoints, type EndpointRequest, type EndpointView } from '../ipam/grant-endpoints.js';
import { grantedIn } from '../ipam/granted.js';
import type { Draft } from './draft.js';
import { PortBook, type PortView } from './grant-ports.js';

/** What the node has to give, and who has it. */
export interface GrantFacts {
  view: Pick<Store, 'get' | 'list'>;
  /** networks that exist or are made in the same transaction */
  networks: readonly Network[];
  /** all containers; those that leave hold nothing, and what they have is chosen for nobody else */
  others: readonly Container[];
  /** ids of those of them that begin to run in the same transaction, whatever the view says of their last run */
  coming?: ReadonlySet<string>;
  /** the node's links: on a physical segment it has addresses itself */
  links: readonly ObservedLink[];
  listening: PortView['listening'];
  random: PortView['random'];
  quarantined(networkId: string): Set<string>;
}

/** A container that runs or will run holds its ports and its addresses against everybody; a stopped one does not. */
export const holds = (facts: GrantFacts) => (container: Container) =>
  facts.coming?.has(container.id) === true || isActive(container, facts.view.get('status', container.id)?.value);

/** What the container had in whose place a draft comes: it is kept where it was chosen and is free. */
export interface Had {
  ports?: readonly PublishedPort[];
  endpoints?: readonly Endpoint[];
}

/**
 * Turns drafts into containers with addresses and ports of their own, all or none: static addresses before chosen
 * ones. Pure. Errors: `conflict` for what somebody else has, `not_found` for an unknown network, `exhausted`.
 */
export function grantContainers<D extends Draft>(
  drafts: readonly D[],
  facts: GrantFacts,
  before: (draft: D) => Had = () => ({}),
): { draft: D; endpoints: Container['endpoints']; ports: PublishedPort[] }[] {
  const requests = drafts.flatMap((draft) => {
    const of = { containerId: draft.id, containerName: draft.name, had: before(draft).endpoints };
    return draft.attachments.map((each): EndpointRequest => ({ ...each, ...of }));
  });
  const endpoints = grantEndpoints(requests, endpointView(facts));
  const ports = portBook(facts);
  return drafts.map((draft) => {
    const own = endpoints.get(draft.id) ?? [];
    const wishes = withHostBinding(draft.portRequests, own, facts.networks);
    return { draft, endpoints: own, ports: ports.grant(wishes, `container ${draft.name}`, before(draft).ports) };
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

/** Ports that would lead nowhere, since nothing translates from one address family to the other. */
export function refuseUnreachable(endpoints: Container['endpoints'], requests: readonly PortRequest[]): void {
  if (endpoints.some((endpoint) => endpoint.ipv6 !== undefined)) return;
  const lost = requests.find(({ hostIp }) => isIPv6(hostIp));
  if (!lost) return;
  throw invalid(
    `port ${lost.containerPort}/${lost.protocol} cannot be published on [${lost.hostIp}]: the container has no IPv6 address; attach it to a network with an IPv6 subnet`,
  );
}

/** Of what is to run: until then it may be attached to more networks. */
export function refuseStraySysctls(container: Container): void {
  const why = straySysctl(container);
  if (why !== undefined) throw invalid(`container ${container.name}: ${why}`);
}

export function portBook(facts: GrantFacts): PortBook {
  const { listening, random, view } = facts;
  const services = view.list('assignment').flatMap((each) => (each.kind === 'service' ? [each.value] : []));
  return new PortBook({ containers: facts.others.filter(holds(facts)), services, listening, random });
}
