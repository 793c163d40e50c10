import type Docker from 'dockerode';
import type { ContainerInspectInfo } from 'dockerode';
import type { EngineSpec, ObservedContainer } from '#lib/domain';
import type {
  BuildNetwork,
  BuildQuery,
  CommitRequest,
  ContainerSize,
  EngineCreate,
  ImageDefaults,
  LogOptions,
  LogPart,
} from '../engine.js';

/** HostConfig of POST /containers/create, in Docker's field names. */
export type HostConfig = Record<string, unknown>;

/** A container in a listing: enough to see whether what an inspection said of it still holds. */
export interface Listed {
  engineId: string;
  /**
   * changes with every change of state; undefined: the listing cannot tell, inspect it
   */
  fingerprint?: string;
  /** what the listing alone says of it */
  listed: () => ObservedContainer;
  /** where that was asked for, which takes longer */
  size?: ContainerSize;
  /** end of its last run in seconds since the epoch, if it has ended */
  endedSecond?: number;
}

/** What engines that speak the Docker Engine API do differently. One object an engine. */
export interface EngineDialect {
  readonly name: string;
  /**
   * The HostConfig for the engine: where the network namespace is, and whatever makes it behave as Docker does.
   * Refuses (`unsupported`, `invalid`) what this engine cannot do.
   */
  hostConfig(network: EngineCreate['network'], given: HostConfig): HostConfig;
  /** What is to run, where the engine would take it for something else. */
  command?(docker: Docker, spec: EngineSpec): Promise<Pick<EngineSpec, 'Entrypoint' | 'Cmd'>>;
  /** Labels by which the engine's container says more of itself than the engine keeps. */
  labels?(given: HostConfig): Record<string, string>;
  /** Whether a container's end is left to its removal, as of `Engine.willBeRemoved`. It never fails. */
  leaving?(engineId: string, is: boolean): void;
  /** A container was inspected. */
  observed?(container: ContainerInspectInfo): void;
  /** All containers with this label `key=value`, running or not, in one request. */
  list(docker: Docker, label: string, options?: { size?: boolean }): Promise<Listed[]>;
  /**
   * An inspection was refused in these words: are the container's files gone for good? It is made anew then, where it
   * does not run.
   */
  lacksFiles?(words: string): boolean;
  /**
   * A name is held by this container: takes it away where the engine's containers do not include it, as what a create
   * leaves in whose middle the engine was killed. False: it is one of them.
   */
  dropRemains?(docker: Docker, holder: string): Promise<boolean>;
  /** Changes limits of a running container, where the engine has its own way. */
  update?(docker: Docker, engineId: string, resources: Readonly<Record<string, unknown>>): Promise<void>;
  /**
   * The log of a container that was inspected, where the engine's own answer would not do.
   * @param ended has it ended, and has everything it wrote been written down?
   */
  logs?(container: ContainerInspectInfo, options: LogOptions, ended: () => Promise<boolean>): AsyncIterable<LogPart[]>;
  /** Options of a volume of the driver `local`, where the engine has its own way. */
  volumeOptions?(options: Readonly<Record<string, string>>): Record<string, string>;
  /** An image's health check, where the inspection of the Docker API leaves it out. */
  healthcheck?(docker: Docker, image: string): Promise<ImageDefaults['Healthcheck']>;
  /** A container's files become an image, where Docker's POST /commit would not do. */
  commit?(docker: Docker, engineId: string, request: CommitRequest): Promise<string>;
  /** As in `Engine`. */
  buildQuery(asked: BuildQuery, network: BuildNetwork): BuildQuery;
  /** Takes this name, complete with its tag, away from an image that containers use. */
  untag(docker: Docker, name: string): Promise<void>;
  /** As in `Engine`. */
  tidiedUp?(docker: Docker, engineId: string): Promise<void>;
  /**
   * The process of a container ended and the engine has not noticed for seconds, since what watches it for the engine was
   * killed: makes the engine notice.
   */
  noteLostExit?(engineId: string): void;
}
