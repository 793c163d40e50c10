import type { DaemonConfig, Membership } from '#lib/contracts';
import type { ObservedContainer } from '#lib/domain';
import { familiarIndex, registryConfig } from './registries.js';
import type { EngineInfoBody } from './engine-info.js';

export interface SystemFacts {
  nodeId: string;
  version: string;
  config: DaemonConfig;
  engine: EngineInfoBody;
  /** states of the node's containers; undefined: the engine does not have it at this moment */
  states: readonly (ObservedContainer['state'] | undefined)[];
  /** names of the network drivers */
  drivers: readonly string[];
  /** who follows events */
  listeners: number;
  warnings: readonly string[];
  /** the kernel's name of it, e.g. `x86_64`, which Docker has here and not Go's */
  architecture: string;
  /** undefined: as the engine names it */
  distribution?: { OperatingSystem: string; OSVersion: string } | undefined;
  membership: Membership | undefined;
  /** of a manager that answers */
  cluster?: ClusterFacts;
  /** of one that does not */
  clusterError?: string;
  now: string;
}

interface ClusterFacts {
  /** GET /swarm without the join tokens */
  info: { ID: string };
  nodes: number;
  managers: number;
}

/** Log drivers whose lines `logs` gives back, and the one that keeps none. */
const LOG_DRIVERS = ['json-file', 'local', 'none'];

const UNKNOWN_COMMIT = { ID: '', Expected: '' };

/** GET /info (Docker Engine API 1.51): counts, networks and configuration are ours, the machine is as the engine sees it. Pure. */
export function systemInfo({ config, engine, ...facts }: SystemFacts) {
  const count = (state: string) => facts.states.filter((each) => each === state).length;
  const running = count('running');
  const paused = count('paused');
  const { Plugins: plugins, Runtimes: runtimes, ...machine } = engine;
  return {
    ID: facts.nodeId,
    Containers: facts.states.length,
    ContainersRunning: running,
    ContainersPaused: paused,
    ContainersStopped: facts.states.length - running - paused,
    ...machine,
    ...facts.distribution,
    Architecture: facts.architecture,
    DriverStatus: engine.DriverStatus ?? [],
    Plugins: { Volume: plugins.Volume ?? [], Network: facts.drivers, Authorization: null, Log: LOG_DRIVERS },
    // Deprecated, and older clients warn where they are false. Rules of skep see bridged frames without them.
    BridgeNfIptables: true,
    BridgeNfIp6tables: true,
    Debug: config.logLevel === 'debug',
    NFd: 0,
    NGoroutines: 0,
    NEventsListener: facts.listeners,
    SystemTime: facts.now,
    LoggingDriver: 'json-file',
    OSType: 'linux',
    IndexServerAddress: familiarIndex,
    RegistryConfig: registryConfig(config.insecureRegistries),
    GenericResources: null,
    DockerRootDir: config.dataRoot,
    Labels: config.labels,
    ExperimentalBuild: false,
    ServerVersion: facts.version,
    // An engine names every runtime that it knows of, installed or not.
    Runtimes: { [engine.DefaultRuntime]: runtimes[engine.DefaultRuntime] ?? { path: engine.DefaultRuntime } },
    Swarm: swarmInfo(facts),
    // Containers outlive the daemon, always.
    LiveRestoreEnabled: true,
    Isolation: '',
    ContainerdCommit: UNKNOWN_COMMIT,
    RuncCommit: UNKNOWN_COMMIT,
    InitCommit: UNKNOWN_COMMIT,
    SecurityOptions: engine.SecurityOptions ?? [],
    FirewallBackend: { Driver: 'nftables' },
    DefaultAddressPools: (config.defaultAddressPools ?? []).map(({ base, size }) => ({ Base: base, Size: size })),
    Warnings: facts.warnings,
  };
}

/** Where a node is with its swarm, as `docker info` names it. */
export function localNodeState(membership: Membership | undefined): 'inactive' | 'pending' | 'active' {
  if (membership === undefined) return 'inactive';
  return membership.nodeId ? 'active' : 'pending';
}

function swarmInfo({ membership, cluster, clusterError = '' }: Omit<SystemFacts, 'config' | 'engine'>) {
  const { nodeId = '', dataAddr = '', role, managers = [], founding } = membership ?? {};
  return {
    NodeID: nodeId,
    NodeAddr: dataAddr,
    LocalNodeState: localNodeState(membership),
    ControlAvailable: role === 'manager',
    Error: clusterError,
    RemoteManagers: membership ? managers.map((Addr) => ({ NodeID: '', Addr })) : null,
    ...(role === 'manager' && {
      Nodes: cluster?.nodes ?? 1,
      Managers: cluster?.managers ?? 1,
      Cluster: cluster?.info ?? { ID: founding?.clusterId ?? '' },
    }),
  };
}
