import type { Cluster } from '#lib/domain';
import { clusterOf } from '../cluster/found.js';
import type { Loop } from '../loops/loop.js';

/** As often as Docker. Milliseconds. */
const PERIOD = 12 * 3600 * 1000;

/**
 * Gives the nodes of encrypted networks other preshared keys every twelve hours. Sessions of WireGuard go on with the keys
 * that they have, for two minutes at most; so both ends have the next one in time, and no packet waits.
 */
export const keyChanges: Loop = {
  name: 'key changes',
  reads: ['cluster', 'network'],
  decide(view, now) {
    if (!view.list('network').some(({ encrypted }) => encrypted)) return { changes: [] };
    const cluster = clusterOf(view);
    const due = cluster.tunnelKeys ? Date.parse(cluster.tunnelKeys.at) + PERIOD : now;
    if (now < due) return { changes: [], wakeAt: due };
    const value = withNextKeys(cluster, now);
    return { changes: [{ op: 'put', kind: 'cluster', value }], wakeAt: now + PERIOD };
  },
};

export function withNextKeys(cluster: Cluster, now: number): Cluster {
  const at = new Date(now).toISOString();
  return { ...cluster, updatedAt: at, tunnelKeys: { epoch: (cluster.tunnelKeys?.epoch ?? 0) + 1, at } };
}
