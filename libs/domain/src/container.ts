import { digestOf } from '#lib/common';
import type { Endpoint, PortRequest, PublishedPort } from './network.js';
import type { ContainerSpec } from './swarm/specs.js';

/**
 * The part of a container that its engine knows: Docker Engine API field names (POST /containers/create). What is
 * skep's own (networks, ports, health checks, restart policy) may stand in HostConfig as it was asked for; the engine
 * is not told of it.
 */
export interface EngineSpec {
  Image: string;
  Cmd?: string[];
  Entrypoint?: string[];
  Env?: string[];
  Labels?: Record<string, string>;
  Hostname?: string;
  Domainname?: string;
  User?: string;
  WorkingDir?: string;
  Tty?: boolean;
  OpenStdin?: boolean;
  StdinOnce?: boolean;
  AttachStdin?: boolean;
  AttachStdout?: boolean;
  AttachStderr?: boolean;
  ExposedPorts?: Record<string, object>;
  Volumes?: Record<string, object>;
  NetworkDisabled?: boolean;
  StopSignal?: string;
  /** seconds */
  StopTimeout?: number;
  HostConfig?: Record<string, unknown>;
}

/** Durations in milliseconds; Docker's semantics. */
export interface Healthcheck {
  /** ["CMD", …argv] or ["CMD-SHELL", line] */
  test: string[];
  intervalMs: number;
  timeoutMs: number;
  retries: number;
  startPeriodMs: number;
  startIntervalMs: number;
}

export interface RestartPolicy {
  name: 'no' | 'always' | 'on-failure' | 'unless-stopped';
  /** on-failure only; 0: without limit */
  maxRetries: number;
}

export type DependencyCondition = 'service_started' | 'service_healthy' | 'service_completed_successfully';

/** On every container of `service` in the same project. */
export interface Dependency {
  service: string;
  condition: DependencyCondition;
  required: boolean;
  restart: boolean;
}

/** A file that is written by skep and mounted read-only: a Compose secret or config whose content is given inline. */
export interface InlineFile {
  target: string;
  content: string;
  /** octal permission bits as a number, e.g. 0o444 */
  mode: number;
  uid: number;
  gid: number;
}

/** Resolver settings of one container. */
export interface DnsConfig {
  servers: string[];
  search: string[];
  options: string[];
  /** name → address, written into /etc/hosts; the address may be `host-gateway` */
  extraHosts: [name: string, address: string][];
}

/** `bridged`: a namespace of its own with endpoints; `none`: only loopback; `host`: the node's; `container:ID`: another's. */
export type NetworkMode = 'bridged' | 'none' | 'host' | `container:${string}`;

/** A container of this node, as desired. */
export interface Container {
  /** 64 hex digits, ours; the engine's own id is observed */
  id: string;
  name: string;
  project?: string;
  service?: string;
  /** replica number in its service, from 1 */
  number?: number;
  spec: EngineSpec;
  /** digest of everything that asks for a new container when it changes */
  specHash: string;
  networkMode: NetworkMode;
  endpoints: Endpoint[];
  /** attachments that were taken back since it was started: their links go when its namespace is completed next */
  leaving?: LeftEndpoint[];
  ports: PublishedPort[];
  /** the ports as asked for: while the container is stopped it holds none, and is granted them anew when it starts */
  portRequests?: PortRequest[];
  dns: DnsConfig;
  files: InlineFile[];
  healthcheck?: Healthcheck;
  /**
   * of a container that has never run: what was asked for of its health check, in Docker's form. What its image adds becomes
   * known when that is here; then `healthcheck` is what both say together.
   */
  askedHealthcheck?: ContainerSpec['Healthcheck'];
  restart: RestartPolicy;
  dependsOn: Dependency[];
  /**
   * `missing` pulls an image that is not there, `always` pulls first, `never` fails without it; `newer` also pulls what its
   * tag goes to in the registry by now, and does with what is there where that cannot be had
   */
  pullPolicy: 'missing' | 'always' | 'never' | 'newer';
  /** whom the registry is asked by, if its image has to be pulled: credentials (JSON), sealed */
  pullAs?: string;
  /** removed: taken down and then forgotten */
  target: 'running' | 'stopped' | 'created' | 'removed';
  /** it is used as soon as it runs, healthy or not yet */
  publishEarly?: boolean;
  /** stopped: not before then (milliseconds since the epoch); nothing new is sent to it, and what was begun may end */
  drainUntil?: number;
  /** so far away that was at most when it was noted; milliseconds */
  drainMs?: number;
  /** seconds between the stop signal and SIGKILL */
  stopGraceSeconds: number;
  /** the same, for the stop that is asked for now */
  stopWithinSeconds?: number;
  /** number of the signal that the stop that is asked for now begins with; left out: its own */
  stopSignal?: number;
  /**
   * `api`: made through the Engine API, so that after a reboot its restart policy decides whether it runs again. Others
   * are part of a project, which is to run until it is taken down.
   */
  origin?: 'api';
  /** taken down when it ends */
  autoRemove?: boolean;
  /** stopped: only to be started again; until then `autoRemove` waits */
  restarting?: true;
  /** running: the run that began then, as its engine says, is to be ended, and another one to follow it */
  endRun?: string;
  /** limits that were changed after it was made, by Docker's names; the engine is told of them at every start */
  resources?: Readonly<Record<string, unknown>>;
  /** a namespace and nothing in the engine: a build runs in it */
  sandboxOnly?: true;
  /** anonymous volumes outlive it */
  keepVolumes?: boolean;
  /**
   * names of volumes that nobody named and that go with it, beside those that the engine makes by itself: of its mounts,
   * or inherited from the container in whose place it came
   */
  ownVolumes?: string[];
  /** made before it where they are not there: its engine would make them empty, without driver, options and labels */
  describedVolumes?: VolumeRequest[];
  /** ISO 8601 */
  createdAt: string;
}

/** Seconds between the stop signal and SIGKILL of a stop that begins now. */
export function graceSeconds(of: Pick<Container, 'stopWithinSeconds' | 'stopGraceSeconds'>): number {
  return of.stopWithinSeconds ?? of.stopGraceSeconds;
}

/** Is it to end, and not to run again by itself? */
export function isToEnd({ target }: Pick<Container, 'target'>): boolean {
  return target === 'stopped' || target === 'removed';
}

/** An attachment that was taken back. */
export interface LeftEndpoint extends Endpoint {
  /** its link went and its addresses were given back; only the interface's name is not used again during this run */
  gone?: true;
}

const sandboxDigests = new WeakMap<Container, string>();

/** Digest of everything that a container's network namespace and its files follow from; networks do not change. */
export function sandboxDigest(container: Container): string {
  let digest = sandboxDigests.get(container);
  if (digest === undefined) {
    const { endpoints, dns } = container;
    digest = digestOf({ endpoints, dns });
    sandboxDigests.set(container, digest);
  }
  return digest;
}

export type HealthStatus = 'none' | 'starting' | 'healthy' | 'unhealthy';

/** What skep itself has learnt of a container and must not forget over a restart of the agent. */
export interface ContainerStatus {
  containerId: string;
  health: HealthStatus;
  failingStreak: number;
  /** restarts by policy since the container was last started on demand */
  restartCount: number;
  /** the run that was accounted for last: when it ended, as the engine says */
  endedAt?: string;
  /** exit code of that run */
  exitCode?: number;
  /** not to be started before, in milliseconds since the epoch */
  restartAt?: number;
  /** how long the last restart by policy was put off; absent: there was none. Milliseconds */
  restartWaitMs?: number;
  /** the container ended and its policy does not start it again */
  finished: boolean;
  /** why it could not be started, for people */
  error?: string;
  /** somebody sent a signal: when it ends now, its restart policy is not asked */
  signalled?: boolean;
}

export function freshStatus(container: Pick<Container, 'id' | 'healthcheck'>): ContainerStatus {
  return {
    containerId: container.id,
    health: container.healthcheck ? 'starting' : 'none',
    failingStreak: 0,
    restartCount: 0,
    finished: false,
  };
}

/** What a volume is to be, where it is not there yet. */
export interface VolumeRequest {
  name: string;
  driver: string;
  options: Record<string, string>;
  labels: Record<string, string>;
}

export interface Volume extends VolumeRequest {
  /** the name is the id */
  name: string;
  project?: string;
  createdAt: string;
  target: 'present' | 'removed';
}

/** A Compose project that was brought up here. */
export interface Project {
  name: string;
  workingDir: string;
  configFiles: string[];
  /** canonical Compose model, as `skep config` prints it */
  model: unknown;
  createdAt: string;
  target: 'present' | 'removed';
}
