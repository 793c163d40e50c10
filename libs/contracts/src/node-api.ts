/**
 * The node's own HTTP API, `/skep/v1/…` on the node's socket, shared by agent and CLI.
 *
 * Errors: `{"message": string, "code": ErrorCode}` with the matching status. Streams are NDJSON: one event a line.
 *
 * | method and path                                   | body → answer                              |
 * |---------------------------------------------------|--------------------------------------------|
 * | GET /_ping                                        | → `OK`                                     |
 * | GET /skep/v1/info                                 | → NodeInfo                                 |
 * | GET /skep/v1/projects                             | → ProjectView[]                            |
 * | GET /skep/v1/projects/:name                       | → ProjectView                              |
 * | POST /skep/v1/projects/:name/up                   | UpRequest → NDJSON of ProgressEvent        |
 * | POST /skep/v1/projects/:name/down                 | DownRequest → NDJSON of ProgressEvent      |
 * | POST /skep/v1/projects/:name/stop                 | StopRequest → NDJSON of ProgressEvent      |
 * | GET /skep/v1/projects/:name/containers?all=1      | → ContainerView[]                          |
 * | GET /skep/v1/projects/:name/logs?follow=1&tail=N&since=T&service=a&service=b | → NDJSON of LogEvent |
 * | GET /skep/v1/networks                             | → NetworkView[]                            |
 * | GET /skep/v1/networks/:idOrName                   | → NetworkView                              |
 * | DELETE /skep/v1/networks/:idOrName                | → 204                                      |
 * | POST /skep/v1/networks/rescan                     | → RescanView                               |
 * | POST /skep/v1/networks/plan                       | Docker's network create body → NetworkPlanView |
 * | POST /skep/v1/images/import?name=NAME:TAG         | tar of a root file system → `{"id": …}`    |
 * | GET /skep/v1/dns/lookup?name=N&from=C&type=A      | → LookupView                               |
 * | GET /skep/v1/trace?from=C&to=T&port=N&protocol=tcp | → TraceView                               |
 * | GET /skep/v1/backup                               | → tar of the node's and its manager's state |
 *
 * Logs with `follow` end once no container of the services asked for runs or will be started again. `time` is set on
 * every LogEvent. `tail` and `since` (seconds since the epoch, fractions allowed, or a duration before the request) hold
 * for each container. A container whose log driver keeps nothing that could be read is one LogEvent with `note`. What else
 * keeps a log from being read ends the connection in the middle of the answer.
 *
 * `exec` uses the Docker Engine API's own endpoints on the same socket: POST /containers/:id/exec, POST
 * /exec/:id/start (hijacked), POST /exec/:id/resize, GET /exec/:id/json.
 */
export interface NodeInfo {
  nodeId: string;
  version: string;
  engine: { name: string; version: string; runtime: string; storageDriver: string };
  resolver: 'up' | 'away';
  dataRoot: string;
  execRoot: string;
  networks: number;
  containers: number;
  warnings: string[];
}

/** Who the caller is to a registry; Docker's field names. Kept nowhere. */
export interface RegistryAuth {
  username?: string;
  password?: string;
  /** what a login gave instead of a password to keep: an OAuth 2 refresh token */
  identitytoken?: string;
  serveraddress?: string;
}

export interface UpRequest {
  /** canonical model from libs/compose */
  model: unknown;
  /** services of the files whose profiles are not active: the model does not have them, and they are no orphans */
  disabledServices: string[];
  workingDir: string;
  configFiles: string[];
  /** only these services and what they depend on; empty: all */
  services: string[];
  /** without what they depend on */
  noDeps: boolean;
  scale: Record<string, number>;
  /** values of the caller's environment that secrets and configs of the model name (`environment:`) */
  environment: Record<string, string>;
  /** by image as the model names it: for those that have to be pulled */
  registryAuth?: Record<string, RegistryAuth>;
  dryRun: boolean;
  /** until running, or healthy where there is a health check; without it: until started */
  wait: boolean;
  waitTimeoutMs?: number;
  /** of the services that are named, not of those they depend on */
  forceRecreate: boolean;
  noRecreate: boolean;
  /** what is made anew gets new anonymous volumes, not its predecessor's */
  renewAnonVolumes: boolean;
  removeOrphans: boolean;
  /** seconds for containers that are replaced */
  timeoutSeconds?: number;
}

export interface DownRequest {
  volumes: boolean;
  /** containers of these go, those of services whose profiles are not active among them; undefined: all of the project */
  services?: string[];
  timeoutSeconds?: number;
}

export type ResourceKind =
  'project' | 'network' | 'volume' | 'image' | 'container' | 'rules' | 'service' | 'secret' | 'config';

/** `done`: this resource has reached what was asked for (or failed). */
export type ProgressEvent =
  | {
      type: 'progress';
      resource: ResourceKind;
      name: string;
      /** Creating, Created, Starting, Started, Waiting, Healthy, Stopping, Stopped, Removing, Removed, Running, Pulling, Pulled, Error … */
      state: string;
      done: boolean;
      /** since the request came in */
      elapsedMs: number;
      message?: string;
    }
  | { type: 'warning'; message: string }
  | { type: 'plan'; steps: PlanStepView[]; networks?: NetworkPlanView[] }
  /** always the last line */
  | { type: 'result'; ok: true }
  | { type: 'result'; ok: false; code: string; message: string };

/** A step of a plan, for people; `after` holds the ids of the steps that must be done before. */
export interface PlanStepView {
  id: string;
  kind: string;
  resource: ResourceKind;
  name: string;
  after: string[];
}

/** The containers stay, stopped, until the next `up` or `down`. */
export interface StopRequest {
  /** empty: all */
  services: string[];
  /** without it: each container's own grace period; 0 kills, also what an earlier request still waits for */
  timeoutSeconds?: number;
}

export interface ProjectView {
  name: string;
  /** e.g. `running(3)`, `exited(1), running(2)` */
  status: string;
  workingDir: string;
  configFiles: string[];
  model: unknown;
}

export interface ContainerView {
  id: string;
  name: string;
  project: string;
  service: string;
  number: number;
  image: string;
  command: string;
  state: 'created' | 'running' | 'paused' | 'restarting' | 'exited' | 'waiting';
  health: 'none' | 'starting' | 'healthy' | 'unhealthy';
  exitCode: number;
  restartCount: number;
  createdAt: string;
  startedAt: string;
  /** e.g. `Up 5 seconds (healthy)`, `Exited (1) 2 minutes ago` */
  status: string;
  /** where it is reached now: with the node's addresses, 0.0.0.0 and :: for all of a family; of what is up */
  ports: { hostIp: string; hostPort: number; containerPort: number; protocol: string }[];
  networks: { name: string; ipv4?: string; ipv6?: string; mac: string; aliases: string[] }[];
  /** why it is not where it should be */
  error?: string;
}

export interface LogEvent {
  container: string;
  service: string;
  stream: 'stdout' | 'stderr';
  /** RFC 3339 with nanoseconds */
  time?: string;
  line: string;
  /** the node's own word, and not the container's: why its log cannot be read */
  note?: boolean;
}

export interface NetworkView {
  id: string;
  name: string;
  driver: string;
  internal: boolean;
  enableIPv6: boolean;
  linkName: string;
  uplink?: string;
  vlan?: number;
  createdAt: string;
  labels: Record<string, string>;
  options: Record<string, string>;
  pools: { subnet: string; gateway: string; ipRange?: string; auxAddresses?: Record<string, string> }[];
  containers: { id: string; name: string; ipv4?: string; ipv6?: string; mac: string }[];
  /** why it is not as it should be, and what a person can do; absent while all is well */
  problem?: string;
}

/** What a create would make of a network. Nothing of it exists; ids and generated link names are others when it does. */
export interface NetworkPlanView {
  name: string;
  driver: string;
  internal: boolean;
  pools: NetworkView['pools'];
  /** the node's own pools, or a DHCP server of the physical network */
  addresses: 'leased' | 'dhcp' | 'none';
  linkName: string;
  uplink?: string;
  vlan?: number;
  /** in words */
  effects: { kind: 'link' | 'rules' | 'endpoint'; says: string }[];
  warnings: string[];
}

/** What a new look at the node's links found. */
export interface RescanView {
  /** links that networks may be bound to; `networks` are those that are */
  uplinks: { name: string; kind: string; up: boolean; master?: string; addresses: string[]; networks: string[] }[];
  /** networks on a physical segment; `was` where the uplink is another one now, `problem` where none was found */
  networks: { name: string; uplink: string; was?: string; problem?: string }[];
}

export interface LookupView {
  name: string;
  type: string;
  from: string;
  rcode: string;
  rule: string;
  network: string;
  answers: string[];
  omitted: { what: string; why: string }[];
}

/** Why one container reaches something or does not. */
export interface TraceView {
  from: string;
  to: string;
  port?: number;
  protocol: 'tcp' | 'udp';
  /** no check says no */
  reached: boolean;
  /** in the order in which a connection meets them, up to the first that says no */
  checks: TraceCheck[];
}

export interface TraceCheck {
  about: 'container' | 'name' | 'network' | 'link' | 'route' | 'tunnel' | 'rules' | 'listener';
  /** `unseen`: it is decided where this node cannot look */
  state: 'ok' | 'no' | 'unseen';
  says: string;
  /** where it says no: what to do */
  advice?: string;
}
