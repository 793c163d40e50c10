import { gatewayMac, type ClusterNetwork, type ClusterNode, type Peer } from '#lib/domain';
import type { ClusterView } from '#lib/store';
import { clusterOf } from '../cluster/found.js';
import { vtepOf } from '../tunnels/tunnels.js';

/** The network as this node has it: what leads out of it there is the node's own address. */
export function networkOn({ addresses }: ClusterNode, network: ClusterNetwork): ClusterNetwork {
  const own = addresses?.[network.id];
  if (!own) return network;
  return {
    ...network,
    pools: network.pools.map((pool) => ({
      ...pool,
      gateway: (pool.subnet.includes(':') ? own.ipv6 : own.ipv4) ?? pool.gateway,
    })),
  };
}

/**
 * The other nodes' own endpoints on the ingress network: tasks answer what came through these nodes. Also of nodes that
 * count as down: one whose agent is away goes on translating.
 */
export function nodePeers(nodeId: string, ingress: ClusterNetwork, view: ClusterView): Peer[] {
  const { id: clusterId } = clusterOf(view);
  return view.list('node').flatMap((node): Peer[] => {
    const at = node.addresses?.[ingress.id];
    const vtep = vtepOf(node, ingress, clusterId);
    if (node.id === nodeId || at?.ipv4 === undefined || !vtep) return [];
    return [
      {
        id: node.id,
        networkId: ingress.id,
        vtep,
        mac: gatewayMac(at.ipv4),
        ...at,
        names: [],
        sharedNames: [],
        service: '',
        serviceId: '',
        withheld: 'a node',
        leaving: false,
        ports: [],
      },
    ];
  });
}
