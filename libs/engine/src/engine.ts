import type { Readable } from 'node:stream';
import type { EngineSpec, ObservedContainer } from '#lib/domain';
import type { Registries, RegistryCredentials } from './registry/registries.js';

/** What is handed to the engine for a container: its spec, and where its network namespace and files are. */
export interface EngineCreate {
  name: string;
  spec: EngineSpec;
  /** merged into the spec's labels */
  labels: Record<string, string>;
  /** path of the prepared network namespace; or `none`, `host`, or another container's engine id */
  network: { netnsPath: string } | { mode: 'none' } | { mode: 'host' } | { container: string };
  /**
   * host path → container path. Those that may be written to are skep's files of names: what the spec itself mounts at
   * their paths is there instead.
   */
  mounts: { source: string; target: string; readOnly: boolean }[];
}

/** Where the RUNs of a build run: in a prepared namespace, which may lead nowhere, or in the node's. */
export type BuildNetwork =
  | {
      netnsPath: string;
      alone: boolean;
      /** what `host-gateway` stands for: the node's address as it is seen from there */
      hostGateway?: string;
    }
  | { mode: 'host' };

/** Parameters of POST /build. */
export type BuildQuery = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface EngineInfo {
  name: string;
  version: string;
  runtime: string;
  storageDriver: string;
}

/** What an image says of its containers, in Docker's field names; absent where it says nothing. */
export interface ImageDefaults {
  Cmd?: string[];
  Entrypoint?: string[];
  Env?: string[];
  Labels?: Record<string, string>;
  ExposedPorts?: Record<string, object>;
  Volumes?: Record<string, object>;
  WorkingDir?: string;
  User?: string;
  StopSignal?: string;
  /** durations in nanoseconds */
  Healthcheck?: {
    Test?: string[];
    Interval?: number;
    Timeout?: number;
    StartPeriod?: number;
    StartInterval?: number;
    Retries?: number;
  };
  OnBuild?: string[];
  Shell?: string[];
}

/** How a container becomes an image, as in POST /commit. */
export interface CommitRequest {
  /** the image's name; left out: it has none */
  repository?: string;
  tag?: string;
  comment?: string;
  author?: string;
  /** while its files are read */
  pause: boolean;
  /** what the image says of its containers, before what the container itself has */
  config: ImageDefaults;
  /** before both: lines of a Dockerfile, of those instructions that Docker knows here */
  changes: string[];
  /** names of the variables that the container was given: what an engine adds by itself is not of the image */
  environment: string[];
}

export interface ImageConfig {
  id: string;
  /** of its manifests, as registries name them; one that was only made here may have none */
  digests: string[];
  /** `os/architecture`, and its variant where it has one */
  platform: string;
  /** e.g. `80/tcp` */
  exposedPorts: string[];
  defaults: ImageDefaults;
}

/** What the engine itself answers to GET /containers/:id/json: Docker's shape, with the engine's view of the network. */
export type ContainerDetails = Readonly<Record<string, unknown>>;

/** Bytes: what the container wrote, and all that it sees. */
export interface ContainerSize {
  writable: number;
  rootFs: number;
}

export interface LogOptions {
  follow: boolean;
  /** number of whole lines from the end, of both streams together; undefined: all */
  tail?: number;
  /** nanoseconds since the epoch, both included */
  since?: bigint;
  until?: bigint;
  /** ends the log */
  signal?: AbortSignal;
}

/** What a container wrote at one moment: one line, or a piece of one where it is long or not finished. */
export interface LogPart {
  stream: 'stdout' | 'stderr';
  /** when: RFC 3339 in UTC with nine digits */
  time: string;
  /** when the last of it was written, where that is another moment */
  last?: string;
  /** with its line feed, where the line ends here */
  data: Buffer;
  /** a line begins here; false: it goes on */
  first: boolean;
}

export interface ExecResult {
  exitCode: number;
  /** stdout and stderr together, at most 4096 bytes */
  output: string;
}

export interface PullOptions {
  /** gets one line of text at a time */
  progress?: (text: string) => void;
  /** whom the registry is asked by; left out: nobody */
  credentials?: RegistryCredentials;
}

/**
 * A container engine that speaks the Docker Engine API. Containers are named by the engine's id. Errors are SkepErrors
 * with Docker's wording; `not_found` for what does not exist.
 */
export interface Engine {
  info(): Promise<EngineInfo>;
  ping(): Promise<boolean>;

  /** All containers that carry the label `key=value`. */
  list(label: string): Promise<ObservedContainer[]>;
  inspect(engineId: string): Promise<ObservedContainer>;
  /** @param options.size also SizeRw and SizeRootFs, which takes longer */
  details(engineId: string, options?: { size?: boolean }): Promise<ContainerDetails>;
  /** By engine id, of all containers that carry the label `key=value`. */
  sizes(label: string): Promise<ReadonlyMap<string, ContainerSize>>;
  create(request: EngineCreate): Promise<string>;
  start(engineId: string): Promise<void>;
  /**
   * Resolves when what is still done after a run that ended, or could not begin, is done: what is made ready for the next
   * one (by who attaches) would be undone by it. At once where that is ready already.
   */
  tidiedUp(engineId: string): Promise<void>;
  /** Already stopped: nothing happens. Of one that is paused an engine may refuse it. */
  stop(engineId: string, graceSeconds: number): Promise<void>;
  /**
   * Is the container removed when it has ended, so that it does not run again? What an engine would do in between is
   * spared then. The last word before the end counts.
   */
  willBeRemoved(engineId: string, is: boolean): void;
  kill(engineId: string, signal: string): Promise<void>;
  pause(engineId: string): Promise<void>;
  /** Not paused: nothing happens. */
  unpause(engineId: string): Promise<void>;
  /** Changes limits of a running container: fields of Docker's POST /containers/:id/update. They last for this run. */
  update(engineId: string, resources: Readonly<Record<string, unknown>>): Promise<void>;
  rename(engineId: string, name: string): Promise<void>;
  /** Force: also when it runs. Absent: nothing happens. Anonymous volumes go with it unless they are kept. */
  remove(engineId: string, options?: { keepVolumes?: boolean }): Promise<void>;
  /**
   * What it wrote, as many parts at a time as there are; to be read, or ended by the signal. With `follow` it goes on
   * until the container ends, and misses nothing. `unsupported` where its log driver keeps nothing.
   */
  logs(engineId: string, options: LogOptions): Promise<AsyncIterable<LogPart[]>>;
  /** Runs a command to its end; past the time-out the answer is an error `timeout`. */
  exec(engineId: string, argv: string[], options: { timeoutMs: number }): Promise<ExecResult>;

  /** The image's id, or undefined when it is not here. */
  image(name: string): Promise<string | undefined>;
  imageConfig(name: string): Promise<ImageConfig>;
  /** Takes a name, complete with its tag, away from an image. Containers of it keep the image. */
  untagImage(name: string): Promise<void>;
  /** A root file system as a tar becomes an image. Returns its id. */
  importImage(tar: Readable, name: string, changes?: string[]): Promise<string>;
  /** A container's files become an image. Gives the image's id. */
  commit(engineId: string, request: CommitRequest): Promise<string>;
  /** What Docker is asked by these parameters of POST /build, as this engine is to be asked for it, and in which network. */
  buildQuery(asked: BuildQuery, network: BuildNetwork): BuildQuery;
  pull(name: string, options?: PullOptions): Promise<void>;

  createVolume(volume: {
    name: string;
    driver: string;
    options: Record<string, string>;
    labels: Record<string, string>;
  }): Promise<void>;
  /** Absent: nothing happens. */
  removeVolume(name: string): Promise<void>;
  /** names of all volumes, whoever made them */
  listVolumes(): Promise<string[]>;

  /** The registries that images come from, as the engine would reach them. */
  readonly registries: Registries;
  /** Path of the engine's own API socket, for endpoints that are passed through byte by byte (exec, attach). */
  readonly socketPath: string;
}
