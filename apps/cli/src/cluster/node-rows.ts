import { swarmOf } from './join-nodes.js';
import type { ClusterPlaces } from './places.js';
import { clientOf } from './start-node.js';

export interface NodeRow {
  name: string;
  address: string;
  /** the node's own word; `down` when no daemon answers */
  state: string;
  role: string;
  nodeId: string;
  dockerHost: string;
}

/** The nodes of a cluster as they are now. */
export function nodeRows(places: ClusterPlaces): Promise<NodeRow[]> {
  return Promise.all(
    places.nodes.map(async (place): Promise<NodeRow> => {
      const swarm = await swarmOf(clientOf(place)).catch(() => undefined);
      return {
        name: place.name,
        address: place.machine.address,
        state: swarm?.LocalNodeState ?? 'down',
        role: swarm?.LocalNodeState === 'active' ? (swarm.ControlAvailable ? 'manager' : 'worker') : '',
        nodeId: swarm?.NodeID ?? '',
        dockerHost: `unix://${place.socket}`,
      };
    }),
  );
}
