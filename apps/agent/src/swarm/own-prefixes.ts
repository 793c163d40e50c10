import type { NodeDescription } from '#lib/domain';
import type { Surroundings } from '../networks/surroundings.js';
import { takenAround } from '../networks/taken.js';

/** A router may have a whole table of routes; links and networks come first. */
const MOST = 1_000;

/** What the node reaches without the swarm's networks: these are not to overlap it. Pure. */
export function ownPrefixes(around: Surroundings): NonNullable<NodeDescription['prefixes']> {
  const own = around.networks.filter(({ driver, target }) => driver !== 'overlay' && target === 'present');
  const seen = new Set<string>();
  return takenAround({ subnets: 'own', pools: [], warnings: [] }, { ...around, networks: own })
    .filter(({ cidr }) => !seen.has(cidr) && seen.add(cidr))
    .slice(0, MOST);
}
