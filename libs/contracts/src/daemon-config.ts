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
  /** where the node's API listens: `unix:///path`, or `tcp://IP:PORT` with `tls` */
  hosts: string[];
  /** for hosts on TCP: they speak TLS, and take only clients whose certificate `ca` has signed */
  tls?: TlsFiles;
  /** unix socket on which a manager serves the Engine API's swarm endpoints, for this node's agent */
  managerSocket: string;
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
  /** of this node, `key=value`: an Engine API's engine labels, which constraints of services look at */
  labels: string[];
  /** UDP port of this node's WireGuard device; 0: it takes no part in encrypted networks */
  encryptedOverlayPort: number;
  logLevel: LogLevel;
  engine: 'podman' | 'docker';
  /** of Docker Engine: `unix:///path`; with Podman, which is skep's own, absent */
  engineSocket?: string;
}

/** Absolute paths of PEM files. */
export interface TlsFiles {
  ca: string;
  cert: string;
  key: string;
}

/** What can be configured; what has no default is absent unless it is. */
export type DaemonSettings = Partial<
  Omit<DaemonConfig, 'managerSocket' | 'resolverSocket' | 'resolverState' | 'tls'> & {
    tlsCa: string;
    tlsCert: string;
    tlsKey: string;
    /** without it nobody would be asked for a certificate, and skep does not listen like that */
    tlsVerify: boolean;
  }
>;

/** Environment variable that hands a DaemonConfig, as JSON, to the processes of the node. */
export const DAEMON_CONFIG_ENV = 'SKEP_DAEMON_CONFIG';

/** Beside VXLAN's and what follows it; nobody has it at the IANA, and no client's socket is given it by chance. */
const ENCRYPTED_OVERLAY_PORT = 4799;

const DOCKER_SOCKET = 'unix:///var/run/docker.sock';

/** Fills in defaults. What lies in the exec root moves with it. */
export function daemonConfig({ tlsCa, tlsCert, tlsKey, tlsVerify, ...settings }: DaemonSettings): DaemonConfig {
  const execRoot = settings.execRoot ?? '/run/skep';
  return {
    dataRoot: '/var/lib/skep',
    dns: [],
    dnsSearch: [],
    dnsOptions: [],
    insecureRegistries: [],
    labels: [],
    encryptedOverlayPort: ENCRYPTED_OVERLAY_PORT,
    logLevel: 'info',
    engine: 'podman',
    ...settings,
    ...(settings.engine === 'docker' && { engineSocket: settings.engineSocket ?? DOCKER_SOCKET }),
    ...(tlsVerify && tlsCa && tlsCert && tlsKey && { tls: { ca: tlsCa, cert: tlsCert, key: tlsKey } }),
    execRoot,
    hosts: settings.hosts?.length ? settings.hosts : [`unix://${execRoot}/docker.sock`],
    managerSocket: `${execRoot}/manager.sock`,
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
