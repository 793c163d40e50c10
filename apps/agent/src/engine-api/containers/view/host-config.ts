import type { Container } from '#lib/domain';
import { MASKED_PATHS, READONLY_PATHS } from '#lib/engine';
import type { PortBindings } from '../port-bindings.js';
import type { NetworkOf } from './networks.js';

/** What HostConfig says where nothing was asked for, as Docker Engine fills it in. */
const DEFAULTS = {
  Binds: null,
  ContainerIDFile: '',
  LogConfig: { Type: 'json-file', Config: {} },
  VolumeDriver: '',
  VolumesFrom: null,
  ConsoleSize: [0, 0],
  CapAdd: null,
  CapDrop: null,
  Dns: [],
  DnsOptions: [],
  DnsSearch: [],
  ExtraHosts: null,
  GroupAdd: null,
  IpcMode: 'private',
  Cgroup: '',
  Links: null,
  OomScoreAdj: 0,
  PidMode: '',
  Privileged: false,
  PublishAllPorts: false,
  ReadonlyRootfs: false,
  SecurityOpt: null,
  UTSMode: '',
  UsernsMode: '',
  ShmSize: 64 << 20,
  Runtime: 'runc',
  Isolation: '',
  CpuShares: 0,
  Memory: 0,
  NanoCpus: 0,
  CgroupParent: '',
  BlkioWeight: 0,
  BlkioWeightDevice: [],
  BlkioDeviceReadBps: [],
  BlkioDeviceWriteBps: [],
  BlkioDeviceReadIOps: [],
  BlkioDeviceWriteIOps: [],
  CpuPeriod: 0,
  CpuQuota: 0,
  CpuRealtimePeriod: 0,
  CpuRealtimeRuntime: 0,
  CpusetCpus: '',
  CpusetMems: '',
  Devices: [],
  DeviceCgroupRules: null,
  DeviceRequests: null,
  MemoryReservation: 0,
  MemorySwap: 0,
  MemorySwappiness: null,
  OomKillDisable: false,
  PidsLimit: null,
  Ulimits: [],
  CpuCount: 0,
  CpuPercent: 0,
  IOMaximumIOps: 0,
  IOMaximumBandwidth: 0,
} as const;

/** Values by which clients ask for the default. */
const MEANING_DEFAULT: Readonly<Record<string, unknown>> = { ShmSize: 0, MemorySwappiness: -1, PidsLimit: 0 };

/**
 * HostConfig as it was asked for and changed since, with Docker's defaults.
 * @param cgroupns the cgroup namespace that containers get where nothing is asked: `private`, or `host` with cgroup v1
 */
export function hostConfigOf(container: Container, networkOf: NetworkOf, cgroupns: string): Record<string, unknown> {
  const asked = Object.fromEntries(
    Object.entries({ ...container.spec.HostConfig, ...container.resources }).filter(
      ([key, value]) => value !== undefined && value !== null && value !== '' && value !== MEANING_DEFAULT[key],
    ),
  );
  const log = asked['LogConfig'] as { Type?: string; Config?: object | null } | undefined;
  const { name: Name, maxRetries: MaximumRetryCount } = container.restart;
  return {
    ...DEFAULTS,
    CgroupnsMode: cgroupns,
    ...asked,
    LogConfig: { Type: log?.Type || DEFAULTS.LogConfig.Type, Config: log?.Config ?? {} },
    NetworkMode: networkModeOf(container, networkOf),
    Links: linksOf(container, networkOf),
    PortBindings: asked['PortBindings'] ? filledIn(asked['PortBindings'] as PortBindings) : bindingsOf(container),
    RestartPolicy: { Name, MaximumRetryCount },
    AutoRemove: container.autoRemove === true,
    MaskedPaths: asked['Privileged'] === true ? null : (asked['MaskedPaths'] ?? MASKED_PATHS),
    ReadonlyPaths: asked['Privileged'] === true ? null : (asked['ReadonlyPaths'] ?? READONLY_PATHS),
  };
}

/** As it was asked for; what Docker calls its default network is called by our name of it. */
export function networkModeOf(container: Container, networkOf: NetworkOf): string {
  if (container.networkMode !== 'bridged') return container.networkMode;
  const asked = container.spec.HostConfig?.['NetworkMode'];
  const names = container.endpoints.flatMap(({ networkId }) => networkOf(networkId)?.name ?? []);
  if (typeof asked === 'string' && names.includes(asked)) return asked;
  const byId = container.endpoints.find(({ networkId }) => networkId === asked);
  return (byId ? networkOf(byId.networkId)?.name : names.find((name) => name === 'nat')) ?? names[0] ?? 'none';
}

/** As Docker has them: those of its default network alone, in the form `/db:/web/alias`. */
function linksOf({ name, endpoints }: Container, networkOf: NetworkOf): string[] | null {
  const links = endpoints.flatMap((at) => (networkOf(at.networkId)?.name === 'nat' ? Object.entries(at.links) : []));
  return links.length > 0 ? links.map(([alias, target]) => `/${target}:/${name}/${alias}`) : null;
}

/** Both parts of each place are there, whatever was said. */
function filledIn(bindings: PortBindings): PortBindings {
  const places = Object.entries(bindings).map(([port, list]) => [
    port,
    list?.map(({ HostIp = '', HostPort = '' }) => ({ HostIp, HostPort })) ?? [],
  ]);
  return Object.fromEntries(places) as PortBindings;
}

function bindingsOf({ ports }: Container): Record<string, { HostIp: string; HostPort: string }[]> {
  const bindings: Record<string, { HostIp: string; HostPort: string }[]> = {};
  for (const { containerPort, protocol, hostIp, hostPort } of ports) {
    (bindings[`${containerPort}/${protocol}`] ??= []).push({ HostIp: hostIp, HostPort: String(hostPort) });
  }
  return bindings;
}
