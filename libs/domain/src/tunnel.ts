import { createHash } from 'node:crypto';

/** The node's encrypted way to other nodes: one WireGuard device for all encrypted networks. */
export interface Tunnel {
  /** this node's address inside: IPv6, the whole cluster is a /48 */
  address: string;
  /** the node's own address, by which the others reach it */
  underlay: string;
  /** UDP port on which this node listens */
  port: number;
  /** in an order that does not change with the order in which they came */
  peers: TunnelPeer[];
}

export interface TunnelPeer {
  /** base64, 32 bytes */
  publicKey: string;
  /** base64, 32 bytes, sealed with the node's own key: it is never written down open */
  presharedKey: string;
  /** `ADDRESS:PORT` */
  endpoint: string;
  /** the node's address inside: what comes from it has this one and no other */
  address: string;
}

/**
 * A node's address inside the tunnels of its cluster. The prefix is a unique local one (RFC 4193): its 40 bits follow from
 * the cluster, the 64 of the interface from the node, so that nobody has to remember which address is whose. The subnet
 * between them is 1: no run of zeros that another writer would leave out.
 */
export function tunnelAddress(clusterId: string, nodeId: string): string {
  const digest = (text: string, bytes: number) =>
    createHash('sha256')
      .update(text)
      .digest('hex')
      .slice(0, 2 * bytes);
  const groups = `fd${digest(`tunnels of ${clusterId}`, 5)}0001${digest(`tunnel of ${nodeId}`, 8)}`.match(/.{4}/g)!;
  return groups.map((group) => group.replace(/^0{1,3}/, '')).join(':');
}
