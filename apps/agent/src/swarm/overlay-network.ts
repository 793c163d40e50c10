import type { AssignedNetwork, Network, NodeNames, OverlayPeer, Peer, Tunnel, TunnelEnd } from '#lib/domain';

const VNI_OPTION = 'com.docker.network.driver.overlay.vxlanid_list';

/** What of the node and its neighbours a network's place follows from. */
export interface NodePlace {
  names: NodeNames;
  /** this node's data address */
  local: string;
  /** where this node's WireGuard device listens */
  tunnelPort: number;
  /** endpoints on other nodes, of whatever network */
  peers: readonly Peer[];
  tunnels: readonly TunnelEnd[];
}

/**
 * A network of the cluster as one of this node's: same id, same name, same subnets on every node. Pure.
 */
export function overlayNetwork(network: AssignedNetwork, place: NodePlace): Network {
  const { names } = place;
  const vni = network.vni!;
  const peers = place.peers.filter((peer) => peer.networkId === network.id);
  const encryption = encryptionOf(network, peers, place);
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
      local: encryption?.address ?? place.local,
      port: network.dataPathPort,
      ...(encryption && { encryption }),
      ...(network.ingress && { ingress: true }),
      peers: peers
        .map(({ mac, ipv4, ipv6, vtep }): OverlayPeer => ({ mac, ...(ipv4 && { ipv4 }), ...(ipv6 && { ipv6 }), vtep }))
        .sort((a, b) => (a.mac < b.mac ? -1 : 1)),
    },
    createdAt: network.createdAt,
    target: 'present',
  };
}

/** Of the tunnels only those to nodes that have endpoints of this network. */
function encryptionOf(
  { tunnelAddress }: AssignedNetwork,
  peers: readonly Peer[],
  { local, tunnelPort, tunnels }: NodePlace,
): Tunnel | undefined {
  if (tunnelAddress === undefined) return undefined;
  const wanted = new Set(peers.map(({ vtep }) => vtep));
  const ends = tunnels
    .filter(({ address }) => wanted.has(address))
    .map(({ id: _id, ...peer }) => peer)
    .sort((a, b) => (a.publicKey < b.publicKey ? -1 : 1));
  return { address: tunnelAddress, underlay: local, port: tunnelPort, peers: ends };
}
