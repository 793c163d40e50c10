import type { IpamPool } from '../network.js';
import type { ClusterSpec, NodeSpec, PortConfig, SealedSpec, ServiceSpec, TaskSpec } from './specs.js';
import { isBefore, isTerminal, type TaskState } from './task-state.js';

/** What every object of a cluster has. */
interface ClusterObject {
  /** 25 characters of base 36 */
  id: string;
  /** ISO 8601 */
  createdAt: string;
  updatedAt: string;
}

/** The cluster itself: one object. */
export interface Cluster extends ClusterObject {
  spec: ClusterSpec;
  rootCertificate: string;
  /** sealed: the key that opens it is not in the database */
  rootKey: string;
  nextRoot?: NextRoot;
  joinTokens: { worker: string; manager: string };
  /** where subnets of overlay networks come from: CIDR, and the prefix length of each */
  addressPools: { base: string; size: number }[];
  /** UDP port of VXLAN */
  dataPathPort: number;
  /** how often the keys between nodes of encrypted networks have been changed, and when that was last */
  tunnelKeys?: { epoch: number; at: string };
}

/** A root that takes the place of the cluster's once every node has a certificate of it; until then both are trusted. */
export interface NextRoot {
  certificate: string;
  /** sealed */
  key: string;
  /** certificates of roots that were to be the next one before it: nodes may have certificates of them */
  abandoned: string[];
}

/** What a node says of itself. */
export interface NodeDescription {
  hostname: string;
  os: string;
  architecture: string;
  nanoCpus: number;
  memoryBytes: number;
  engineVersion: string;
  engineLabels: Record<string, string>;
  /** network drivers it has */
  drivers: string[];
  /** where the other nodes reach it: its VXLAN endpoint */
  dataAddress: string;
  /** of a manager: `ADDRESS:PORT` at which others reach it */
  managerAddress?: string;
  /** of its WireGuard device, or why it can have none */
  encryption?: { publicKey: string; port: number } | { refused: string };
  /** its kernel cannot send answers of a published port back through another node: requests come in the node's own name */
  hidesClients?: true;
  /** its engine, Docker's, has other log drivers besides `json-file`, `local` and `none` */
  moreLogDrivers?: true;
  /** prefixes that the node reaches without the cluster's networks: its links, routes and networks of its own */
  prefixes?: { cidr: string; by: string }[];
  /** the root that it trusts: PEM; while the root is changed, the one before */
  trustRoot?: string;
}

export interface ClusterNode extends ClusterObject {
  spec: NodeSpec;
  description?: NodeDescription;
  status: { state: 'unknown' | 'ready' | 'down'; message?: string; addr: string };
  /** its own addresses on networks where each node has some (ingress), by network id */
  addresses?: Record<string, VirtualAddress>;
  /** digest of the certificate that it uses */
  certificate?: string;
  /** digest of the root's certificate that signed it */
  issuer?: string;
  /** of the certificate that it was given last: once it uses that, the one before is refused */
  nextCertificate?: string;
}

export interface Service extends ClusterObject {
  spec: ServiceSpec;
  previousSpec?: ServiceSpec;
  /** whom the image's registry is asked by: an AuthConfig of Docker (JSON), sealed; absent: nobody */
  registryAuth?: string;
  /** the same, that went with `previousSpec` */
  previousRegistryAuth?: string;
  /** counts changes of what tasks follow from */
  specVersion: number;
  /** by network id */
  virtualAddresses: Record<string, VirtualAddress>;
  /** ports with the chosen ones filled in */
  ports: PortConfig[];
  /** why it has no ports or addresses yet, for people */
  allocationError?: string;
  updateStatus?: UpdateStatus;
  /** of a job: grows with each run of it */
  jobIteration?: number;
  /** of a job: when its latest run began. ISO 8601 */
  jobStartedAt?: string;
}

/** An address that stands for all replicas of a service on one network. */
export interface VirtualAddress {
  ipv4?: string;
  ipv6?: string;
}

export interface UpdateStatus {
  state: 'updating' | 'paused' | 'completed' | 'rollback_started' | 'rollback_paused' | 'rollback_completed';
  startedAt: string;
  completedAt?: string;
  message: string;
}

/** A task's place in one network: its addresses are its own for as long as it lives. */
export interface TaskAttachment {
  networkId: string;
  ipv4?: string;
  ipv6?: string;
  aliases: string[];
}

export interface TaskStatus {
  state: TaskState;
  /** ISO 8601 */
  at: string;
  message: string;
  /** why it is not further */
  err?: string;
  containerId?: string;
  pid?: number;
  exitCode?: number;
  /** those of its node that lead to it, where the node has chosen one of them */
  ports?: PortConfig[];
  /** it runs, and its health check says that it should not be used */
  unhealthy?: true;
}

/** One try to run one container of a service on one node. */
export interface Task extends ClusterObject {
  serviceId: string;
  serviceName: string;
  /** that it had when the task was made; absent: none */
  serviceLabels?: Record<string, string>;
  /** which of the replicas, from 1; of a replicated job from 0, as in Docker; of what is global: 0 */
  slot: number;
  nodeId?: string;
  spec: TaskSpec;
  /** that of its service when it was made */
  specVersion: number;
  /** of what it follows from; with another one, or without and with another version, it is out of date */
  specDigest?: string;
  desired: TaskState;
  status: TaskStatus;
  /** when it became `running`, by its node's clock; absent: it has not. ISO 8601 */
  runningSince?: string;
  /** when its health check failed for good, as `runningSince`; absent: it has not */
  unhealthySince?: string;
  attachments: TaskAttachment[];
  ports: PortConfig[];
  /** not to be started before: milliseconds since the epoch */
  notBefore?: number;
  jobIteration?: number;
  /** whom the image's registry is asked by, as of its service when it was made; sealed, and not for the node */
  registryAuth?: string;
  /** how it comes into use and out of it */
  traffic?: TaskTraffic;
  /** it is to end, and no node sends it anything new any more */
  withdrawn?: true;
}

export interface TaskTraffic {
  /** what was begun has so long to end before the stop signal comes: milliseconds after nothing new is sent to it */
  drainMs: number;
  /** it is used as soon as it runs, healthy or not yet */
  early: boolean;
}

/** It is to end, be it by a new spec, a smaller number or a node that is emptied. */
export function isLeaving(task: Pick<Task, 'desired'>): boolean {
  return !isBefore(task.desired, 'shutdown');
}

/** It was to go and has ended: nobody is told of it any more. It is known until its addresses have rested. */
export function isForgotten({ desired, status }: Pick<Task, 'desired' | 'status'>): boolean {
  return desired === 'remove' && isTerminal(status.state);
}

export interface ClusterNetwork extends ClusterObject {
  name: string;
  labels: Record<string, string>;
  options: Record<string, string>;
  internal: boolean;
  attachable: boolean;
  /** ports that are published on every node lead into it; one in a cluster */
  ingress: boolean;
  enableIPv6: boolean;
  encrypted: boolean;
  /** as asked for; what is absent is chosen by the allocator */
  asked: { subnet?: string; gateway?: string; ipRange?: string; auxAddresses?: Record<string, string> }[];
  /** undefined until it is allocated */
  vni?: number;
  pools: IpamPool[];
  allocationError?: string;
  /** virtual addresses of services, which may be gone, until they have rested; the manager's own book */
  virtual?: VirtualAddressRecord[];
}

export interface VirtualAddressRecord extends VirtualAddress {
  serviceId: string;
  /** the service has it no more, since then. ISO 8601 */
  releasedAt?: string;
}

/**
 * A container outside services on a network of the cluster, as its node says it is, with the addresses that it was given.
 * The id is that of the endpoint; names and state are the node's to say, addresses the manager's to give.
 */
export interface Attachment extends ClusterObject {
  nodeId: string;
  networkId: string;
  containerId: string;
  mac: string;
  ipv4?: string;
  ipv6?: string;
  /** container name, and what else is this endpoint's alone */
  names: string[];
  /** aliases and the service that a Compose project has it for */
  sharedNames: string[];
  /** of a Compose project; empty: of none */
  service: string;
  /** why it is left out of shared names; empty: it is answered */
  withheld: string;
  ports: { protocol: string; port: number }[];
  /** given back then: it is known until its addresses have rested. ISO 8601 */
  releasedAt?: string;
}

export interface ClusterSecret extends ClusterObject {
  spec: SealedSpec;
}

export interface ClusterConfig extends ClusterObject {
  spec: SealedSpec;
  /** an older version kept it open: its data still is, or it is sealed and the database's file may still have it otherwise */
  legacy?: 'open' | 'sealed';
}
