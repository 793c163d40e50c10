import type { Translation } from './swarm/index.js';

/** A kernel link of the node's network namespace. */
export interface ObservedLink {
  index: number;
  name: string;
  /** bridge, veth, macvlan, …; empty for a physical link */
  kind: string;
  up: boolean;
  /** name of the bridge it is a port of */
  master?: string;
  /** index of the link below it (macvlan, vlan) or of its other end (veth), maybe in another namespace */
  parent?: number;
  mac: string;
  mtu: number;
  /** address/prefix length, link-local included */
  addresses: string[];
}

export interface ObservedRoute {
  /** CIDR; 0.0.0.0/0 or ::/0 for a default route */
  destination: string;
  gateway?: string;
  /** name of the link it leaves by */
  link?: string;
  /** the node's address that it is left with, where somebody chose one */
  source?: string;
  /** who made it, as rtnetlink(7) numbers them (rtm_protocol), where that is a program that says so */
  maker?: number;
}

/** A mount inside a container, as Docker's inspect words it. */
export interface ObservedMount {
  type: string;
  /** a volume's name; empty for others */
  name: string;
  source: string;
  destination: string;
  driver: string;
  mode: string;
  readWrite: boolean;
  propagation: string;
}

/** A container as its engine sees it. */
export interface ObservedContainer {
  engineId: string;
  /** our id, from the label; empty for containers that are not ours */
  id: string;
  /** of the node that made it, from the label; absent for containers that are not ours */
  nodeId?: string;
  name: string;
  state: 'created' | 'running' | 'paused' | 'exited' | 'other';
  /** pid of its first process while it runs, else 0 */
  pid: number;
  exitCode: number;
  specHash?: string;
  image: string;
  imageId: string;
  /** the image's labels and those of the request */
  labels: Record<string, string>;
  /** what its first process is: entrypoint and command together */
  argv: string[];
  /** those of skep's own files included */
  mounts: ObservedMount[];
  /** ISO 8601; empty when it never ran */
  startedAt: string;
  finishedAt: string;
  /** nobody saw the end of its last run, as when the power went; it counts as ended when it began */
  lost?: true;
  /** the engine says that the kernel killed a process of its last run for want of memory; not every engine does */
  outOfMemory?: true;
}

/** What the planner compares desired state with. */
export interface Observed {
  /** ids of networks that are complete in the kernel */
  networks: ReadonlySet<string>;
  /** `endpointKey`s of endpoints whose node side is complete */
  endpoints: ReadonlySet<string>;
  /** `endpointKey`s of endpoints that have link, addresses and routes inside the container's namespace */
  inside: ReadonlySet<string>;
  /** names of all links that carry this node's prefix */
  links: readonly string[];
  /** names of all namespaces below /run/netns that carry this node's prefix */
  netns: ReadonlySet<string>;
  /** by container id: digest of the namespace as it was completed last, where that is known (`sandboxDigest`) */
  sandboxes: ReadonlyMap<string, string>;
  /** by our container id; the engine's containers that carry our node label */
  containers: ReadonlyMap<string, ObservedContainer>;
  /** names of the volumes of ours that the engine has */
  volumes: ReadonlySet<string>;
  /** digest of what the node's tunnel was made for last (`Tunnel`), where its device is there */
  tunnel?: string;
  /** by container id: addresses that stand for others in its network namespace; absent: none */
  translations: ReadonlyMap<string, readonly Translation[]>;
  /** the firewall table says what the desired state asks for */
  rulesCurrent: boolean;
  /** ids of containers in whose namespace the resolver listens and is found; undefined while the resolver is away */
  resolving?: ReadonlySet<string>;
}

export function endpointKey(containerId: string, networkId: string): string {
  return `${containerId}/${networkId}`;
}

/** Labels that skep puts on what it makes in the engine. */
export const LABELS = {
  container: 'io.skep.container',
  node: 'io.skep.node',
  specHash: 'io.skep.spec-hash',
  /** of a volume: its options as they were asked for, in JSON, where the engine had to be told others */
  volumeOptions: 'io.skep.volume-options',
  /** of a container: how many files of its log are kept; absent: one */
  logFiles: 'io.skep.log-files',
} as const;

const OURS: ReadonlySet<string> = new Set(Object.values(LABELS));

/** Labels as people gave them, without skep's own. */
export function givenLabels(labels: Readonly<Record<string, string>> | null | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(labels ?? {}).filter(([key]) => !OURS.has(key)));
}
