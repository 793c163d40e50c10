import type { Attachment, ClusterNetwork, Peer } from '#lib/domain';
import type { ClusterView } from '#lib/store';
import { clusterOf } from '../cluster/found.js';
import { vtepOf } from '../tunnels/tunnels.js';

/** Containers outside services on other nodes that are there, as far as they are on these networks. Pure. */
export function attachedPeers(
  nodeId: string,
  attached: readonly Attachment[],
  networks: readonly ClusterNetwork[],
  view: ClusterView,
): Peer[] {
  const wanted = new Map(networks.map((network) => [network.id, network]));
  const { id: clusterId } = clusterOf(view);
  return attached.flatMap((each): Peer[] => {
    const network = wanted.get(each.networkId);
    const node = each.nodeId === nodeId ? undefined : view.get('node', each.nodeId)?.value;
    if (!network || !node || node.status.state === 'down') return [];
    const vtep = vtepOf(node, network, clusterId);
    if (!vtep) return [];
    const { id, containerId, networkId, mac, ipv4, ipv6, names, sharedNames, service, withheld, ports } = each;
    const said = { names, sharedNames, service, serviceId: '', withheld, leaving: false, ports };
    return [{ id, containerId, networkId, vtep, mac, ipv4, ipv6, ...said }];
  });
}
