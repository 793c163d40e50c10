/** The names of one network, as the agent tells them. */
export interface Zone {
  networkId: string;
  networkName: string;
  /** seconds */
  ttl: number;
  /** nothing is forwarded for it */
  internal: boolean;
  /** the network's own servers, asked before the sandbox's */
  upstreams: string[];
  members: Member[];
  /** the node's address on this network; empty: none */
  gateway: string;
}

/** One endpoint of a network. */
export interface Member {
  containerId: string;
  containerName: string;
  service: string;
  /** container name, short id, hostname: answered while the container runs */
  names: string[];
  /** aliases and the service's name: every container that has them, unless it is withheld */
  sharedNames: string[];
  /** IPv4 and IPv6 */
  addresses: string[];
  /** why shared names leave it out; empty: they do not */
  withheld: string;
  /** it has no process, and no name leads to it */
  stopped: boolean;
  /** no container: a service's virtual address, which its shared names lead to in the place of its replicas' */
  virtual: boolean;
  ports: { protocol: string; port: number }[];
}

/** One container that asks. */
export interface Sandbox {
  id: string;
  name: string;
  /** in the order in which names are looked up */
  attachments: { networkId: string }[];
  /** the container's own servers */
  upstreams: string[];
  /** the daemon's, for a container without */
  defaultUpstreams: string[];
  /** single-label names are forwarded only when 0 */
  ndots: number;
  /** names of this asker alone → container or service name */
  links: Record<string, string>;
}

/** Somebody who would have been in the answer, and is not. */
export interface Omission {
  what: string;
  why: string;
}
