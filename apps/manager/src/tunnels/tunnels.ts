import {
  tunnelAddress,
  type AssignedNetwork,
  type ClusterNetwork,
  type ClusterNode,
  type Peer,
  type TunnelEnd,
} from '#lib/domain';
import type { ClusterView } from '#lib/store';
import { clusterOf } from '../cluster/found.js';

/** 32 bytes that follow from a text and a secret of the manager's. */
export type Derive = (text: string) => Buffer;

/** Where the frames of a network go to reach a node; undefined: there is no way, and so no endpoint of it is told of. */
export function vtepOf(node: ClusterNode, network: ClusterNetwork, clusterId: string): string | undefined {
  if (!network.encrypted) return node.description?.dataAddress;
  return keyOf(node) && tunnelAddress(clusterId, node.id);
}

/** What a node has to know of a network beside the network. */
export function placeOn(nodeId: string, network: ClusterNetwork, view: ClusterView): AssignedNetwork {
  const { id, dataPathPort } = clusterOf(view);
  const { virtual: _book, ...told } = network;
  return { ...told, dataPathPort, ...(network.encrypted && { tunnelAddress: tunnelAddress(id, nodeId) }) };
}

/**
 * The far ends of a node's tunnels: nodes that have endpoints of encrypted networks which this one has, too, and no
 * others. Two nodes share a preshared key, another one in each epoch; it is nowhere in the cluster's state.
 */
export function tunnelsOf(nodeId: string, peers: readonly Peer[], view: ClusterView, derive: Derive): TunnelEnd[] {
  const { id: clusterId, tunnelKeys } = clusterOf(view);
  const wanted = new Set(peers.map(({ vtep }) => vtep));
  return view.list('node').flatMap((node): TunnelEnd[] => {
    const address = tunnelAddress(clusterId, node.id);
    const key = keyOf(node);
    if (!key || !wanted.has(address)) return [];
    const pair = [nodeId, node.id].sort().join(' ');
    const presharedKey = derive(`tunnel ${tunnelKeys?.epoch ?? 0} ${pair}`).toString('base64');
    return [{ id: node.id, publicKey: key.publicKey, presharedKey, endpoint: key.endpoint, address }];
  });
}

/** Why a node cannot be part of encrypted networks; undefined: it can. */
export function noTunnels({ description }: ClusterNode): string | undefined {
  const said = description?.encryption;
  if (!said) return 'the node runs a version without them';
  return 'refused' in said ? said.refused : undefined;
}

function keyOf({ description }: ClusterNode): { publicKey: string; endpoint: string } | undefined {
  const said = description?.encryption;
  if (!description || !said || 'refused' in said) return undefined;
  const { dataAddress: host } = description;
  return { publicKey: said.publicKey, endpoint: `${host.includes(':') ? `[${host}]` : host}:${said.port}` };
}
