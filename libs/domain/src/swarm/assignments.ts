import type { ErrorCode } from '#lib/common';
import type { TunnelPeer } from '../tunnel.js';
import type { Attachment, ClusterNetwork, Task, VirtualAddress } from './objects.js';
import type { PortConfig } from './specs.js';

/** An endpoint of an overlay network on another node: where its frames go, and what its names are. */
export interface Peer {
  /** id of the task or of the attachment */
  id: string;
  /** of an attachment; a task's container has an id that follows from the task's */
  containerId?: string;
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
  serviceId: string;
  /** why nothing new is sent to it, by whatever way; empty: it is a backend of its service */
  withheld: string;
  /** it is on its way out: no shared name leads to it any more, what was begun goes on */
  leaving: boolean;
  ports: { protocol: string; port: number }[];
  /** what a published port leads to it comes in the name of the node that it came through */
  hidesClients?: true;
}

/** A network of the cluster as the nodes see it, with the UDP port of every node's VXLAN endpoint. */
export interface AssignedNetwork extends Omit<ClusterNetwork, 'virtual'> {
  dataPathPort: number;
  /** of an encrypted network: this node's address inside the tunnels */
  tunnelAddress?: string;
}

/** Another node that shares an encrypted network: the far end of a tunnel. Its id is the node's. */
export interface TunnelEnd extends TunnelPeer {
  id: string;
}

/** What a node asks for a container outside services, and goes on to ask for as long as the container is to have it. */
export interface WantedAttachment extends Pick<
  Attachment,
  'containerId' | 'names' | 'sharedNames' | 'service' | 'withheld' | 'ports'
> {
  /** id or name of a network of the cluster */
  network: string;
  /** a container of the same node whose addresses it takes over */
  replaces?: string;
  /** absent: it follows from container and network */
  mac?: string;
  /** these and no others: asked for, or in use already */
  ipv4?: string;
  ipv6?: string;
  /** had before, and welcome again where nobody else has them */
  preferred?: { ipv4?: string; ipv6?: string };
}

/** Why a node does not get what it wants. */
export interface RefusedAttachment {
  containerId: string;
  /** as the node named it */
  network: string;
  code: ErrorCode;
  message: string;
}

/** What a node was given for one of its containers. */
export type GrantedAttachment = Pick<Attachment, 'id' | 'networkId' | 'containerId' | 'mac' | 'ipv4' | 'ipv6'>;

/** A service as the nodes see it. */
export interface AssignedService {
  id: string;
  name: string;
  /** by network id; none with `dnsrr` */
  virtualAddresses: Record<string, VirtualAddress>;
  /** what it is called beside its name, by network id */
  aliases: Record<string, string[]>;
  /** published ones, with the chosen numbers filled in */
  ports: PortConfig[];
}

/**
 * A secret, a config, or what its image is pulled with (id: the task's), opened, for a node that runs a task with it. What is
 * of these kinds is never written down open.
 */
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
  attachment: GrantedAttachment;
  service: AssignedService;
  tunnel: TunnelEnd;
  secret: AssignedFile;
  config: AssignedFile;
  registryAuth: AssignedFile;
}
export type AssignedKind = keyof Assigned;

export type AssignmentChange =
  | { [K in AssignedKind]: { op: 'put'; kind: K; id: string; value: Assigned[K] } }[AssignedKind]
  | { op: 'removed'; kind: AssignedKind; id: string };

/** Kinds that never lie on a disk. */
const UNWRITTEN = ['secret', 'config', 'registryAuth'] as const;
export type UnwrittenKind = (typeof UNWRITTEN)[number];

export const isUnwritten = (change: AssignmentChange): change is AssignmentChange & { kind: UnwrittenKind } =>
  (UNWRITTEN as readonly string[]).includes(change.kind);

/** What is assigned to a node, as it writes it down. */
export type Assignment = {
  [K in Exclude<AssignedKind, UnwrittenKind>]: { kind: K; id: string; value: Assigned[K] };
}[Exclude<AssignedKind, UnwrittenKind>];
