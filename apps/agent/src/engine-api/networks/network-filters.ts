import { invalid } from '#lib/common';
import { driverNamed, PREDEFINED_NETWORKS, type Network } from '#lib/domain';
import { Filters, labelFits, nameFits, prunable, PRUNE_FILTERS } from '#lib/http';

type FilteredNetwork = Pick<Network, 'id' | 'name' | 'driver' | 'labels'>;

/** Filters of GET /networks: what is asked for of a network and of whether somebody uses it. */
export function listFilter(text: string | undefined): (network: FilteredNetwork, used: boolean) => boolean {
  const filters = Filters.parse(text, ['dangling', 'driver', 'id', 'label', 'name', 'scope', 'type']);
  const dangling = filters.boolean('dangling');
  const types = filters.all('type');
  for (const type of types) {
    if (type !== 'custom' && type !== 'builtin') {
      throw invalid(`invalid filter: 'type'='${type}': expected custom or builtin`);
    }
  }
  return (network, used) => {
    const builtin = isPredefined(network);
    return (
      filters.any('driver', (value) => driverNamed(value) === network.driver) &&
      filters.any('id', (value) => network.id.includes(value)) &&
      filters.any('name', (value) => nameFits(network.name, value)) &&
      filters.any('scope', (value) => value === (network.driver === 'overlay' ? 'swarm' : 'local')) &&
      filters.any('type', (value) => (value === 'builtin') === builtin) &&
      filters.every('label', (value) => labelFits(network.labels, value)) &&
      (dangling === undefined || dangling === (!builtin && !used))
    );
  };
}

/** Filters of POST /networks/prune. @param nowMs milliseconds since the epoch */
export function pruneFilter(
  text: string | undefined,
  nowMs: number,
): (network: Pick<Network, 'name' | 'labels' | 'createdAt'>) => boolean {
  const fits = prunable(Filters.parse(text, PRUNE_FILTERS), nowMs);
  return (network) => !isPredefined(network) && fits(network);
}

const isPredefined = ({ name }: Pick<Network, 'name'>) => PREDEFINED_NETWORKS.includes(name);
