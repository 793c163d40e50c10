import type { Build, Develop, Hook, StartHook } from './build.js';
import type { Deploy, DeviceRequest } from './deploy.js';
import type { Extensions, FileReference, Ulimit } from './shared.js';

/** An item of `ports`. `published` may be a range of which one port is chosen, and is absent for a port chosen freely. */
export interface ServicePort extends Extensions {
  mode: 'ingress' | 'host';
  target: number;
  published?: string;
  protocol: 'tcp' | 'udp' | 'sctp';
  host_ip?: string;
  name?: string;
  app_protocol?: string;
}

export interface ServiceNetwork extends Extensions {
  aliases?: string[];
  driver_opts?: Record<string, string | null>;
  gw_priority?: number;
  interface_name?: string;
  ipv4_address?: string;
  ipv6_address?: string;
  link_local_ips?: string[];
  mac_address?: string;
  priority?: number;
}

export interface ServiceVolume extends Extensions {
  type: 'bind' | 'volume' | 'tmpfs' | 'cluster' | 'npipe' | 'image';
  source?: string;
  target: string;
  read_only?: boolean;
  consistency?: string;
  /** `create_host_path` counts as true when absent */
  bind?: { propagation?: string; create_host_path?: boolean; recursive?: string; selinux?: 'z' | 'Z' };
  volume?: { nocopy?: boolean; subpath?: string; labels?: Record<string, string> };
  /** size in bytes as decimal text, mode as `"0700"` */
  tmpfs?: { size?: string; mode?: string };
  image?: { subpath?: string };
}

export interface ServiceDependency extends Extensions {
  condition: 'service_started' | 'service_healthy' | 'service_completed_successfully';
  required: boolean;
  restart?: boolean;
}

/** Durations as text (`1m30s`). A `test` of `["NONE"]` means the same as `disable`. */
export interface ServiceHealthcheck extends Extensions {
  test?: string[];
  interval?: string;
  timeout?: string;
  retries?: number;
  start_period?: string;
  start_interval?: string;
  disable?: boolean;
}

interface Rate {
  path: string;
  rate: string;
}

/** One service, canonical. Sizes are bytes as decimal text, durations text such as `1m30s`. */
export interface Service extends Extensions {
  annotations?: Record<string, string>;
  attach?: boolean;
  blkio_config?: {
    weight?: number;
    weight_device?: { path: string; weight?: number }[];
    device_read_bps?: Rate[];
    device_read_iops?: Rate[];
    device_write_bps?: Rate[];
    device_write_iops?: Rate[];
  };
  build?: Build;
  cap_add?: string[];
  cap_drop?: string[];
  cgroup?: 'host' | 'private';
  cgroup_parent?: string;
  command?: string[] | null;
  configs?: FileReference[];
  container_name?: string;
  cpu_count?: number;
  cpu_percent?: number;
  cpu_period?: number;
  cpu_quota?: number;
  cpu_rt_period?: number;
  cpu_rt_runtime?: number;
  cpu_shares?: number;
  cpus?: number;
  cpuset?: string;
  credential_spec?: { config?: string; file?: string; registry?: string };
  depends_on?: Record<string, ServiceDependency>;
  deploy?: Deploy;
  develop?: Develop;
  device_cgroup_rules?: string[];
  devices?: { source: string; target: string; permissions: string }[];
  dns?: string[];
  dns_opt?: string[];
  dns_search?: string[];
  domainname?: string;
  entrypoint?: string[] | null;
  env_file?: { path: string; required?: boolean; format?: 'raw' }[];
  /** null: named in the file, and without a value in the environment */
  environment?: Record<string, string | null>;
  expose?: string[];
  external_links?: string[];
  /** `name=address` */
  extra_hosts?: string[];
  gpus?: DeviceRequest[];
  group_add?: string[];
  healthcheck?: ServiceHealthcheck;
  hostname?: string;
  image?: string;
  init?: boolean;
  ipc?: string;
  isolation?: string;
  label_file?: string[];
  labels?: Record<string, string>;
  links?: string[];
  logging?: { driver?: string; options?: Record<string, string> };
  mac_address?: string;
  mem_limit?: string;
  mem_reservation?: string;
  mem_swappiness?: number;
  memswap_limit?: string;
  models?: Record<string, { endpoint_var?: string; model_var?: string } | null>;
  network_mode?: string;
  networks?: Record<string, ServiceNetwork | null>;
  oom_kill_disable?: boolean;
  oom_score_adj?: number;
  pid?: string;
  pids_limit?: number;
  platform?: string;
  ports?: ServicePort[];
  post_start?: Hook[];
  pre_start?: StartHook[];
  pre_stop?: Hook[];
  privileged?: boolean;
  profiles?: string[];
  provider?: { type: string; options?: Record<string, unknown> };
  pull_policy?: string;
  pull_refresh_after?: string;
  read_only?: boolean;
  /** `no`, `always`, `unless-stopped` or `on-failure[:max-retries]` */
  restart?: string;
  runtime?: string;
  scale?: number;
  secrets?: FileReference[];
  security_opt?: string[];
  shm_size?: string;
  stdin_open?: boolean;
  stop_grace_period?: string;
  stop_signal?: string;
  storage_opt?: Record<string, string>;
  sysctls?: Record<string, string>;
  tmpfs?: string[];
  tty?: boolean;
  ulimits?: Record<string, Ulimit>;
  use_api_socket?: boolean;
  user?: string;
  userns_mode?: string;
  uts?: string;
  volumes?: ServiceVolume[];
  volumes_from?: string[];
  working_dir?: string;
}
