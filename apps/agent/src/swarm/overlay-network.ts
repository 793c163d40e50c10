import type { AssignedNetwork, Network, NodeNames, OverlayPeer, Peer } from '#lib/domain';

const VNI_OPTION = 'com.docker.network.driver.overlay.vxlanid_list';

/**
 * A network of the cluster as one of this node's: same id, same name, same subnets on every node. Pure.
 * @param local this node's VXLAN endpoint
 * @param peers endpoints on other nodes, of whatever network
 */
export function overlayNetwork(
  network: AssignedNetwork,
  { names, local, peers }: { names: NodeNames; local: string; peers: readonly Peer[] },
): Network {
  const vni = network.vni!;
  return {
    id: network.id,
    name: network.name,
    driver: 'overlay',
    pools: network.pools,
    internal: network.internal,
    attachable: network.attachable,
    enableIPv4: true,
    enableIPv6: network.enableIPv6,
    options: { ...network.options, [VNI_OPTION]: String(vni) },
    labels: network.labels,
    linkName: names.bridge(network.id),
    overlay: {
      vni,
      local,
      port: network.dataPathPort,
      peers: peers
        .filter((peer) => peer.networkId === network.id)
        .map(({ mac, ipv4, ipv6, vtep }): OverlayPeer => ({ mac, ...(ipv4 && { ipv4 }), ...(ipv6 && { ipv6 }), vtep }))
        .sort((a, b) => (a.mac < b.mac ? -1 : 1)),
    },
    createdAt: network.createdAt,
    target: 'present',
  };
}
