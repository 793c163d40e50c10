/**
 * What people ask for, in the Docker Engine API's own JSON (1.51: ServiceSpec, TaskSpec, NodeSpec, SwarmSpec,
 * SecretSpec, ConfigSpec). Only the fields that something here reads are written down; the others are kept as they came.
 * Durations are nanoseconds.
 */
export interface Annotated {
  Name: string;
  Labels?: Record<string, string>;
}

export interface NodeSpec extends Partial<Annotated> {
  Role: 'manager' | 'worker';
  Availability: 'active' | 'pause' | 'drain';
}

export interface ClusterSpec extends Annotated {
  Orchestration?: { TaskHistoryRetentionLimit?: number };
  Dispatcher?: { HeartbeatPeriod?: number };
  CAConfig?: { NodeCertExpiry?: number; ForceRotate?: number };
  TaskDefaults?: object;
  EncryptionConfig?: { AutoLockManagers?: boolean };
}

export interface Resources {
  NanoCPUs?: number;
  MemoryBytes?: number;
  Pids?: number;
}

export interface FileTarget {
  Name: string;
  UID?: string;
  GID?: string;
  Mode?: number;
}

export interface ContainerSpec {
  Image: string;
  Labels?: Record<string, string>;
  /** entrypoint and arguments, by Docker's names of them */
  Command?: string[];
  Args?: string[];
  Hostname?: string;
  Env?: string[];
  Dir?: string;
  User?: string;
  Groups?: string[];
  TTY?: boolean;
  OpenStdin?: boolean;
  ReadOnly?: boolean;
  Init?: boolean | null;
  StopSignal?: string;
  /** nanoseconds; Go clients mean by null what is absent */
  StopGracePeriod?: number | null;
  Healthcheck?: {
    Test?: string[];
    Interval?: number;
    Timeout?: number;
    StartPeriod?: number;
    StartInterval?: number;
    Retries?: number;
  };
  Hosts?: string[];
  DNSConfig?: { Nameservers?: string[]; Search?: string[]; Options?: string[] };
  Secrets?: { SecretID: string; SecretName: string; File?: FileTarget }[];
  Configs?: { ConfigID: string; ConfigName: string; File?: FileTarget; Runtime?: object }[];
  Mounts?: { Type?: string; Source?: string; Target?: string; ReadOnly?: boolean }[];
  Sysctls?: Record<string, string>;
  CapabilityAdd?: string[];
  CapabilityDrop?: string[];
  Ulimits?: { Name: string; Soft: number; Hard: number }[];
  OomScoreAdj?: number;
  Privileges?: { NoNewPrivileges?: boolean } | null;
}

export interface NetworkAttachment {
  /** id or name of a network of the cluster, or the name of one of each node's own (`node-networks.ts`) */
  Target: string;
  Aliases?: string[];
  DriverOpts?: Record<string, string>;
}

export interface RestartCondition {
  Condition?: 'none' | 'on-failure' | 'any';
  Delay?: number;
  MaxAttempts?: number;
  Window?: number;
}

export interface Placement {
  Constraints?: string[];
  Preferences?: { Spread?: { SpreadDescriptor?: string } }[];
  MaxReplicas?: number;
  Platforms?: { Architecture?: string; OS?: string }[];
}

export interface TaskSpec {
  ContainerSpec?: ContainerSpec;
  Resources?: { Limits?: Resources; Reservations?: Resources };
  RestartPolicy?: RestartCondition;
  Placement?: Placement;
  Networks?: NetworkAttachment[];
  ForceUpdate?: number;
  LogDriver?: { Name?: string; Options?: Record<string, string> };
}

export interface ServiceMode {
  Replicated?: { Replicas?: number };
  Global?: object;
  ReplicatedJob?: ReplicatedJob;
  GlobalJob?: object;
}

export interface ReplicatedJob {
  MaxConcurrent?: number;
  TotalCompletions?: number;
}

export interface UpdateConfig {
  /** 0: all at once */
  Parallelism: number;
  Delay?: number;
  FailureAction?: 'pause' | 'continue' | 'rollback';
  Monitor?: number;
  MaxFailureRatio?: number;
  Order?: 'stop-first' | 'start-first';
}

export interface PortConfig {
  Name?: string;
  Protocol?: 'tcp' | 'udp' | 'sctp';
  TargetPort: number;
  /** 0 and absent: one is chosen, in mode `host` by the node */
  PublishedPort?: number;
  PublishMode?: 'ingress' | 'host';
}

export interface ServiceSpec extends Annotated {
  TaskTemplate: TaskSpec;
  Mode?: ServiceMode;
  UpdateConfig?: UpdateConfig;
  RollbackConfig?: UpdateConfig;
  /** an older place of TaskTemplate.Networks */
  Networks?: NetworkAttachment[];
  EndpointSpec?: { Mode?: 'vip' | 'dnsrr'; Ports?: PortConfig[] };
}

export interface SealedSpec extends Annotated {
  /** sealed; when it is asked for or shown: base64 */
  Data: string;
}
