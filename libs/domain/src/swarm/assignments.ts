import type { TunnelPeer } from '../tunnel.js';
import type { ClusterNetwork, Task } from './objects.js';

/** An endpoint of an overlay network on another node: where its frames go, and what its names are. */
export interface Peer {
  /** task id */
  id: string;
  networkId: string;
  /** the node's VXLAN endpoint; of an encrypted network the one inside the tunnel */
  vtep: string;
  mac: string;
  ipv4?: string;
  ipv6?: string;
  /** container name, and what else is this endpoint's alone */
  names: string[];
  /** service name and aliases, shared with other replicas */
  sharedNames: string[];
  service: string;
  /** why it is left out of shared names; empty: it is answered */
  withheld: string;
  ports: { protocol: string; port: number }[];
}

/** A network of the cluster as the nodes see it, with the UDP port of every node's VXLAN endpoint. */
export interface AssignedNetwork extends ClusterNetwork {
  dataPathPort: number;
  /** of an encrypted network: this node's address inside the tunnels */
  tunnelAddress?: string;
}

/** Another node that shares an encrypted network: the far end of a tunnel. Its id is the node's. */
export interface TunnelEnd extends TunnelPeer {
  id: string;
}

/** A service as the nodes see it: its virtual addresses, by network id. */
export interface VirtualService {
  id: string;
  name: string;
  virtualAddresses: Record<string, string>;
  aliases: string[];
}

/** A secret or config, opened, for a node that runs a task with it. */
export interface AssignedFile {
  id: string;
  /** base64 */
  data: string;
}

/** What can be assigned to a node, by kind. */
export interface Assigned {
  task: Task;
  network: AssignedNetwork;
  peer: Peer;
  service: VirtualService;
  tunnel: TunnelEnd;
  secret: AssignedFile;
  config: AssignedFile;
}
export type AssignedKind = keyof Assigned;

export type AssignmentChange =
  | { [K in AssignedKind]: { op: 'put'; kind: K; id: string; value: Assigned[K] } }[AssignedKind]
  | { op: 'removed'; kind: AssignedKind; id: string };

/** What is assigned to a node, as it writes it down; secrets and configs never lie on a disk. */
export type Assignment = {
  [K in Exclude<AssignedKind, 'secret' | 'config'>]: { kind: K; id: string; value: Assigned[K] };
}[Exclude<AssignedKind, 'secret' | 'config'>];
