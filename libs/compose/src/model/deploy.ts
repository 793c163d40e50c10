/** What is asked of a device driver; a count of -1 means all. */
export interface DeviceRequest {
  capabilities?: string[];
  count?: number;
  device_ids?: string[];
  driver?: string;
  options?: Record<string, string>;
}

export interface UpdateConfig {
  parallelism?: number;
  delay?: string;
  failure_action?: 'continue' | 'pause' | 'rollback';
  monitor?: string;
  max_failure_ratio?: number;
  order?: 'start-first' | 'stop-first';
}

/** Memory is bytes as decimal text, durations text such as `1m30s`. */
export interface Deploy {
  mode?: 'replicated' | 'global' | 'replicated-job' | 'global-job';
  replicas?: number;
  endpoint_mode?: 'vip' | 'dnsrr';
  labels?: Record<string, string>;
  placement?: {
    constraints?: string[];
    preferences?: { spread?: string }[];
    max_replicas_per_node?: number;
  };
  resources?: {
    limits?: { cpus?: number; memory?: string; pids?: number };
    reservations?: {
      cpus?: number;
      memory?: string;
      devices?: DeviceRequest[];
      generic_resources?: { discrete_resource_spec: { kind?: string; value?: number } }[];
    };
  };
  restart_policy?: {
    condition?: 'none' | 'on-failure' | 'any' | 'no' | 'always' | 'unless-stopped';
    delay?: string;
    max_attempts?: number;
    window?: string;
  };
  update_config?: UpdateConfig;
  rollback_config?: UpdateConfig;
}
