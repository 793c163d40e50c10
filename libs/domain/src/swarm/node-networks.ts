import type { NetworkAttachment } from './specs.js';

/**
 * Docker's names of networks that each node has of its own: they are targets of services beside the cluster's networks. They
 * are their own ids there.
 */
const NODE_NETWORKS = ['host', 'none', 'bridge'] as const;

export type NodeNetwork = (typeof NODE_NETWORKS)[number];

export function isNodeNetwork(target: string): target is NodeNetwork {
  return (NODE_NETWORKS as readonly string[]).includes(target);
}

/** The one that people mean: `nat` is what a node itself calls its bridge. */
export function nodeNetworkNamed(name: string): NodeNetwork | undefined {
  return [name === 'nat' ? 'bridge' : name].find(isNodeNetwork);
}

/** The one that is asked for; undefined: none of them. A service on one is on no other network. */
export function nodeNetworkOf(networks: readonly NetworkAttachment[] = []): NodeNetwork | undefined {
  return networks.map(({ Target }) => Target).find(isNodeNetwork);
}
