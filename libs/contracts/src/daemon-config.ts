import { invalid } from '#lib/common';

/** dockerd's levels; what is less grave than the chosen one is not logged. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'fatal'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Networks without a subnet of their own get the next free subnet of length `size` from `base`. */
export interface AddressPool {
  /** CIDR */
  base: string;
  /** prefix length */
  size: number;
}

/** Everything a node's processes are told when `skep daemon` starts them: complete, checked, paths absolute. */
export interface DaemonConfig {
  dataRoot: string;
  execRoot: string;
  /** where the node's API listens: `unix:///path` */
  hosts: string[];
  /** unix socket of the resolver's gRPC service */
  resolverSocket: string;
  /** file in which the resolver keeps what it was told, so that it answers before the agent is back */
  resolverState: string;
  /** prefixes of the default network, CIDR */
  fixedCidr?: string;
  fixedCidrV6?: string;
  /** no default network is made */
  bridge?: 'none';
  /** the one prefix that every nat network's subnet must be part of, CIDR */
  natPrefix?: string;
  defaultAddressPools?: AddressPool[];
  /** for containers that name none of their own */
  dns: string[];
  dnsSearch: string[];
  dnsOptions: string[];
  /** `host[:port]` or CIDR */
  insecureRegistries: string[];
  logLevel: LogLevel;
  engine: 'podman';
}

/** What has a default; the rest is absent unless it is configured. */
export type DaemonSettings = Partial<Omit<DaemonConfig, 'resolverSocket' | 'resolverState'>>;

/** Environment variable that hands a DaemonConfig, as JSON, to the processes of the node. */
export const DAEMON_CONFIG_ENV = 'SKEP_DAEMON_CONFIG';

/** Fills in defaults. What lies in the exec root moves with it. */
export function daemonConfig(settings: DaemonSettings): DaemonConfig {
  const execRoot = settings.execRoot ?? '/run/skep';
  return {
    dataRoot: '/var/lib/skep',
    dns: [],
    dnsSearch: [],
    dnsOptions: [],
    insecureRegistries: [],
    logLevel: 'info',
    engine: 'podman',
    ...settings,
    execRoot,
    hosts: settings.hosts?.length ? settings.hosts : [`unix://${execRoot}/docker.sock`],
    resolverSocket: `${execRoot}/resolver.sock`,
    resolverState: `${execRoot}/resolver-state.json`,
  };
}

/** The configuration that the supervisor handed over; it was checked there. */
export function daemonConfigFromEnv(env: NodeJS.ProcessEnv): DaemonConfig {
  const text = env[DAEMON_CONFIG_ENV];
  if (text === undefined) throw invalid(`${DAEMON_CONFIG_ENV} is not set: this process is started by "skep daemon"`);
  return JSON.parse(text) as DaemonConfig;
}
