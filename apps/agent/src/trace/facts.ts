import { shortId } from '#lib/common';
import type { TraceCheck } from '#lib/contracts';
import {
  administersNetwork,
  sharedContainer,
  type Container,
  type Network,
  type ObservedRoute,
  type Peer,
  type ServiceBackends,
} from '#lib/domain';
import type { KernelView } from '#lib/drivers';
import type { Host, Listener, Unanswered } from '#lib/host';
import type { KnownContainer } from '../containers/container-directory.js';

/** What the resolver would answer. */
export interface NameAnswer {
  rcode: string;
  rule: string;
  /** IP addresses */
  addresses: string[];
  omitted: { what: string; why: string }[];
}

/** All that a trace is decided by, as it was at one moment. */
export interface TraceFacts {
  /** the container that asks */
  from: Container;
  /** a name, a container or an IP address */
  to: string;
  port?: number;
  protocol: 'tcp' | 'udp';
  containers: readonly KnownContainer[];
  networks: readonly Network[];
  /** undefined: `to` is an address, or nobody answers names to `from` */
  answer: NameAnswer | undefined;
  /** in the namespace of `from`; undefined: it has none at this moment */
  routes: readonly ObservedRoute[] | undefined;
  /** whom nobody answered for when `from` asked, in its namespace */
  unanswered: readonly Unanswered[];
  /** the node's own, gateways of its networks included; without prefix lengths */
  nodeAddresses: readonly string[];
  /** by container id, of its namespace; undefined: not known */
  listeners: ReadonlyMap<string, readonly Listener[]>;
  /** of the node's own namespace */
  nodeListeners: readonly Listener[];
  /** the node's kernel, read as it is asked for */
  kernel: KernelView & Pick<Host, 'forwarding'>;
  /** the node's packet filter: objects of nft's JSON listing */
  ruleset: readonly unknown[];
  /** containers of the swarm on other nodes */
  peers: readonly Peer[];
  services: readonly ServiceBackends[];
  /** what this node does not get done of a network */
  problemOf(networkId: string): string | undefined;
}

/** An address to which nothing leads, and why. */
export interface Nowhere {
  kind: 'nowhere';
  address: string;
  why: TraceCheck;
}

/** The container whose network namespace this one is in. */
export function ownerOf(container: Container, { containers }: Pick<TraceFacts, 'containers'>): Container {
  const shared = sharedContainer(container);
  if (shared === undefined) return container;
  return containers.find((each) => each.container.id === shared)?.container ?? container;
}

/** Is it in the network namespace of the node? */
export function isOnNode(container: Container, facts: Pick<TraceFacts, 'containers'>): boolean {
  return ownerOf(container, facts).networkMode === 'host';
}

/** What follows where its namespace is not as skep made it: nothing, where processes in it may change it themselves. */
export function repairOf(owner: Container, { containers }: Pick<TraceFacts, 'containers'>): string | undefined {
  const inside = containers.filter(({ container }) => ownerOf(container, { containers }).id === owner.id);
  if (inside.some(({ container }) => administersNetwork(container))) return undefined;
  return 'skep repairs that within seconds: see skep doctor where it does not';
}

/** The containers that somebody may mean by a name, on whatever network. */
export function bearersOf(name: string, { containers }: Pick<TraceFacts, 'containers'>): KnownContainer[] {
  const named = containers.filter(({ container }) => container.name === name || container.id === name);
  if (named.length > 0) return named;
  return containers.filter(({ container }) => namesOf(container).has(name));
}

export function namesOf(container: Container): Set<string> {
  const { id, name, service, spec, endpoints } = container;
  const all = [name, shortId(id), service, spec.Hostname, ...endpoints.flatMap((each) => each.aliases)];
  return new Set(all.filter((each): each is string => each !== undefined && each !== ''));
}

export function networksOf(container: Container, facts: Pick<TraceFacts, 'containers' | 'networks'>): Network[] {
  const { endpoints } = ownerOf(container, facts);
  return facts.networks.filter((network) => endpoints.some((each) => each.networkId === network.id));
}
