import type { Project } from '#lib/compose';
import { conflict, digestOf, listed, notFound, stableStringify } from '#lib/common';
import type { Container, Network, NetworkRequest } from '#lib/domain';
import { grantNetwork } from '../networks/grant-network.js';
import type { Surroundings } from '../networks/surroundings.js';
import { PROJECT_LABEL } from './desired/labels.js';
import { networkRequestsOf } from './desired/networks.js';

/** A network of the project that is not as the file asks for it. */
interface Changed {
  network: Network;
  /** what differs, in the file's words: `internal: false → true` */
  differs: string[];
}

export interface NetworkChanges {
  made: Network[];
  /** those in whose place some of the made ones come */
  replaced: Changed[];
  /** those that only say something else now: what changes nothing on the node */
  rewritten: Network[];
  /** all that the node has and will have, each as it will be */
  all: Network[];
  warnings: string[];
}

/**
 * The networks that a project wants. A network does not change while it is there: one that is asked for otherwise is
 * taken down, and another one of its name comes when it is gone. Pure.
 */
export function networkChanges(project: Project, surroundings: Surroundings): NetworkChanges {
  const { owned, external } = networkRequestsOf(project);
  for (const name of external) {
    if (!present(name, surroundings.networks)) {
      throw notFound(`network ${name} declared as external, but could not be found`);
    }
  }
  const replaced = changedNetworks(project, surroundings.networks);
  const going = new Set(replaced.map(({ network }) => network.id));
  const all = surroundings.networks.map((each): Network =>
    going.has(each.id) ? { ...each, target: 'removed' } : each,
  );
  const made: Network[] = [];
  const rewritten: Network[] = [];
  const warnings: string[] = [];
  for (const request of owned) {
    const known = present(request.name, all);
    if (known) {
      const { attachable } = request;
      const labels = labelsOf(known, request);
      if (labels || attachable !== known.attachable)
        rewritten.push({ ...known, attachable, ...(labels && { labels }) });
      continue;
    }
    const granted = grantNetwork(request, { ...surroundings, networks: all, replaced: going });
    const network = going.size > 0 ? { ...granted.network, follows: [...going] } : granted.network;
    made.push(network);
    all.push(network);
    warnings.push(...granted.warnings);
  }
  return { made, replaced, rewritten, all, warnings };
}

/** The project's networks that are there and that its file asks for otherwise. Refuses those of somebody else. Pure. */
export function changedNetworks(project: Project, networks: readonly Network[]): Changed[] {
  return networkRequestsOf(project).owned.flatMap((request): Changed[] => {
    const network = present(request.name, networks);
    if (!network) return [];
    const owner = network.labels[PROJECT_LABEL];
    if (owner !== project.name) {
      throw conflict(
        `network ${request.name} exists, but was not made by project ${project.name}${owner ? ` (it belongs to ${owner})` : ''}: declare it as external to use it`,
      );
    }
    const differs = differences(network, request);
    return differs.length > 0 ? [{ network, differs }] : [];
  });
}

/** Is a network there, and as it is asked for? One that is made anew, by this change or before, has another id. Pure. */
export function stayingNetworks(networks: readonly Network[], replaced: readonly Changed[]): (id: string) => boolean {
  const going = new Set(replaced.map(({ network }) => network.id));
  const staying = networks.filter(({ id, target }) => target === 'present' && !going.has(id));
  const ids = new Set(staying.map(({ id }) => id));
  return (id) => ids.has(id);
}

/**
 * A network is replaced only where all that is attached to it is too.
 * @param staying containers that the transition leaves as they are
 */
export function refuseAttached(project: string, replaced: readonly Changed[], staying: readonly Container[]): void {
  for (const { network, differs } of replaced) {
    const attached = staying.filter((each) => each.endpoints.some((at) => at.networkId === network.id));
    if (attached.length === 0) continue;
    const foreign = attached.filter((each) => each.project !== project);
    const advice =
      foreign.length > 0
        ? `remove or disconnect ${listed(foreign.map(({ name }) => name))} first (docker network disconnect ${network.name} NAME)`
        : 'bring up all services, without --no-recreate and with --remove-orphans if they are not in the file any more, or run skep down first';
    throw conflict(
      `network ${network.name} is asked for otherwise (${differs.join('; ')}) and has to be made anew, but this up does not make ` +
        `anew what is attached to it: ${listed(attached.map(({ name }) => name))}: ${advice}`,
    );
  }
}

function present(name: string, networks: readonly Network[]): Network | undefined {
  return networks.find((network) => network.name === name && network.target === 'present');
}

/** Rows of older versions do not say which subnets were asked for: those count as asked for now. */
function differences(network: Network, request: NetworkRequest): string[] {
  const { pools, enableIPv6 } = network.asked ?? request;
  const before = inWords({ ...network, pools, enableIPv6 });
  return Object.entries(inWords(request)).flatMap(([attribute, after]) =>
    before[attribute] === after ? [] : [`${attribute}: ${before[attribute]} → ${after}`],
  );
}

/** What is fixed when a network is made: attribute of a Compose file → value, equal texts for what is equal. */
function inWords(network: Omit<NetworkRequest, 'name' | 'labels' | 'attachable'>): Record<string, string> {
  const { driver, internal, enableIPv4, enableIPv6, options, pools } = network;
  const given = (values: object) => Object.fromEntries(Object.entries(values).filter(([, value]) => isGiven(value)));
  return {
    driver,
    internal: String(internal),
    enable_ipv4: String(enableIPv4),
    enable_ipv6: String(enableIPv6),
    driver_opts: stableStringify(options),
    'ipam.config': `[${pools
      .map((pool) => stableStringify(given(pool)))
      .sort()
      .join(',')}]`,
  };
}

function isGiven(value: unknown): boolean {
  if (value === undefined || value === '') return false;
  return typeof value !== 'object' || value === null || Object.keys(value).length > 0;
}

/** Undefined: as they are. Labels of Compose itself stay as whoever made the network wrote them. */
function labelsOf(known: Network, request: NetworkRequest): Record<string, string> | undefined {
  const split = (labels: Record<string, string>, compose: boolean) =>
    Object.fromEntries(Object.entries(labels).filter(([name]) => name.startsWith('com.docker.compose.') === compose));
  const own = split(request.labels, false);
  if (digestOf(own) === digestOf(split(known.labels, false))) return undefined;
  return { ...split(known.labels, true), ...own };
}
