import type { FileReference, Ulimit } from './shared.js';

export interface Build {
  additional_contexts?: Record<string, string>;
  args?: Record<string, string | null>;
  cache_from?: string[];
  cache_to?: string[];
  context: string;
  dockerfile?: string;
  dockerfile_inline?: string;
  entitlements?: string[];
  extra_hosts?: string[];
  isolation?: string;
  labels?: Record<string, string>;
  network?: string;
  no_cache?: boolean;
  no_cache_filter?: string[];
  platforms?: string[];
  privileged?: boolean;
  provenance?: string | boolean;
  pull?: boolean;
  sbom?: string | boolean;
  secrets?: FileReference[];
  shm_size?: string;
  ssh?: string[];
  tags?: string[];
  target?: string;
  ulimits?: Record<string, Ulimit>;
}

/** A command that runs in a service's container when it has started, or before it stops. */
export interface Hook {
  command: string[];
  environment?: Record<string, string | null>;
  privileged?: boolean;
  user?: string;
  working_dir?: string;
}

/** A command that runs before the service starts, perhaps in an image of its own. */
export interface StartHook extends Partial<Hook> {
  image?: string;
  per_replica?: boolean;
}

export interface Develop {
  watch?: {
    action: 'rebuild' | 'sync' | 'restart' | 'sync+restart' | 'sync+exec';
    path: string;
    target?: string;
    ignore?: string[];
    include?: string[];
    initial_sync?: boolean;
    exec?: Hook;
  }[];
}
