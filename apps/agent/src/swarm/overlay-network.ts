import type { ClusterNetwork, Network, NodeNames } from '#lib/domain';

/** A network of the cluster as one of this node's: same id, same name, same subnets on every node. Pure. */
export function overlayNetwork(network: ClusterNetwork, names: NodeNames): Network {
  return {
    id: network.id,
    name: network.name,
    driver: 'overlay',
    pools: network.pools,
    internal: network.internal,
    attachable: network.attachable,
    enableIPv4: true,
    enableIPv6: network.enableIPv6,
    options: { ...network.options, 'com.docker.network.driver.overlay.vxlanid_list': String(network.vni ?? '') },
    labels: network.labels,
    linkName: names.bridge(network.id),
    createdAt: network.createdAt,
    target: 'present',
  };
}
