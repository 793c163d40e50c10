import type { Service } from './service.js';
import type { Extensions } from './shared.js';

export interface IpamConfig extends Extensions {
  subnet?: string;
  gateway?: string;
  ip_range?: string;
  aux_addresses?: Record<string, string>;
}

export interface NetworkDefinition extends Extensions {
  /** the name on the node; the key is the name in the file */
  name: string;
  driver?: string;
  driver_opts?: Record<string, string>;
  ipam?: { driver?: string; config?: IpamConfig[]; options?: Record<string, string> } & Extensions;
  external?: boolean;
  internal?: boolean;
  attachable?: boolean;
  enable_ipv4?: boolean;
  enable_ipv6?: boolean;
  labels?: Record<string, string>;
}

export interface VolumeDefinition extends Extensions {
  name: string;
  driver?: string;
  driver_opts?: Record<string, string>;
  external?: boolean;
  labels?: Record<string, string>;
}

/** Unless external, exactly one of `file` (absolute path) and `environment` (a variable's name) is there. */
export interface SecretDefinition extends Extensions {
  name: string;
  file?: string;
  environment?: string;
  external?: boolean;
  driver?: string;
  driver_opts?: Record<string, string>;
  template_driver?: string;
  labels?: Record<string, string>;
}

/** Unless external, exactly one of `file`, `environment` and `content` is there. */
export interface ConfigDefinition extends Extensions {
  name: string;
  file?: string;
  environment?: string;
  content?: string;
  external?: boolean;
  template_driver?: string;
  labels?: Record<string, string>;
}

export interface ModelDefinition extends Extensions {
  name?: string;
  model: string;
  context_size?: number;
  runtime_flags?: string[];
}

/**
 * A Compose project in its canonical form, with the field names of `docker compose config`: every short syntax is
 * written out, paths are absolute, names of resources are those on the node. Mappings have no prototype.
 */
export interface Project extends Extensions {
  name: string;
  services: Record<string, Service>;
  networks: Record<string, NetworkDefinition>;
  volumes: Record<string, VolumeDefinition>;
  secrets: Record<string, SecretDefinition>;
  configs: Record<string, ConfigDefinition>;
  models?: Record<string, ModelDefinition>;
}
