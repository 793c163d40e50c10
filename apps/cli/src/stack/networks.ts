import { conflict, notFound, SkepError } from '#lib/common';
import type { NetworkDefinition, Project } from '#lib/compose';
import { nodeNetworkNamed } from '#lib/domain';
import type { ShownNetwork, SwarmApi } from '../swarm/swarm-api.js';
import { NAMESPACE } from './labels.js';
import { networkBody, type NetworkBody, usedNetworks } from './network-body.js';
import type { Work } from './work.js';

/** The networks that are to be made; those that are there must be as the file says. Nothing is changed yet. */
export async function missingNetworks(project: Project, api: SwarmApi): Promise<NetworkBody[]> {
  const missing: NetworkBody[] = [];
  for (const definition of usedNetworks(project)) {
    if (definition.external && nodeNetworkNamed(definition.name)) continue;
    const known = await networkNamed(definition.name, api);
    if (definition.external) mustBeThere(definition, known);
    else {
      const body = networkBody(project.name, definition);
      if (!known) missing.push(body);
      else mustFit(project.name, known, body);
    }
  }
  return missing;
}

export async function createNetworks(bodies: readonly NetworkBody[], api: SwarmApi, work: Work): Promise<void> {
  for (const body of bodies) {
    const made = await work.on('network', body.Name, ['Creating', 'Created'], () => api.create('networks', body));
    for (const warning of made.warnings) work.warn(warning);
  }
}

async function networkNamed(name: string, api: SwarmApi): Promise<ShownNetwork | undefined> {
  try {
    const found = await api.show('networks', name);
    // A node's own network may have an id that begins like this.
    return found.Name === name ? found : undefined;
  } catch (error) {
    if (SkepError.is(error, 'not_found')) return undefined;
    throw error;
  }
}

function mustBeThere({ name }: NetworkDefinition, known: ShownNetwork | undefined): void {
  if (known?.Scope === 'swarm') return;
  const found = known
    ? `it is there with scope ${known.Scope}, as a network of this node: one of the swarm needs another name`
    : `there is none of that name: docker network create -d overlay ${name}`;
  throw notFound(`network ${name} is external, and must be a network of the swarm; ${found}`);
}

function mustFit(stack: string, known: ShownNetwork, body: NetworkBody): void {
  if (known.Labels?.[NAMESPACE] !== stack) {
    throw conflict(
      `network ${body.Name} is there already and not of the stack ${stack}: say external: true, or another name`,
    );
  }
  const has = (subnet: string | undefined) => (known.IPAM.Config ?? []).some((pool) => pool.Subnet === subnet);
  const other = body.IPAM.Config.find(({ Subnet }) => Subnet !== undefined && !has(Subnet));
  const differs = other
    ? `the subnet ${(known.IPAM.Config ?? []).map(({ Subnet }) => Subnet).join(', ')}, the file says ${other.Subnet}`
    : (['Internal', 'Attachable', 'EnableIPv6'] as const)
        .filter((field) => known[field] !== body[field])
        .map((field) => `${field} ${known[field]}, the file says ${body[field]}`)[0];
  if (differs === undefined) return;
  throw conflict(
    `network ${body.Name} has ${differs}; networks of a swarm do not change: remove the stack first (skep stack rm ${stack})`,
  );
}
