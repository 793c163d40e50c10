import type { Project, Service, ServiceVolume } from '#lib/compose';
import { parseBytes } from '#lib/compose';
import type { ContainerSpec, FileTarget } from '#lib/domain';
import { stackLabels } from './labels.js';
import { present } from './present.js';
import { nanoseconds } from './policies.js';

/** Ids of the stack's secrets and configs, by their names in the cluster. */
export interface FileIds {
  secrets: ReadonlyMap<string, string>;
  configs: ReadonlyMap<string, string>;
}

/** What of a Compose service becomes its containers: the Docker Engine API's ContainerSpec. Pure. */
export function containerSpecOf(service: Service, project: Project, ids: FileIds): ContainerSpec {
  return present<ContainerSpec>({
    Image: service.image ?? '',
    Labels: stackLabels(project.name, service.labels),
    Command: service.entrypoint ?? undefined,
    Args: service.command ?? undefined,
    Hostname: service.hostname,
    Env: Object.entries(service.environment ?? {})
      .flatMap(([key, value]) => (value === null ? [] : [`${key}=${value}`]))
      .sort(),
    Dir: service.working_dir,
    User: service.user,
    Groups: service.group_add?.map(String),
    TTY: service.tty,
    OpenStdin: service.stdin_open,
    ReadOnly: service.read_only,
    Init: service.init,
    StopSignal: service.stop_signal,
    StopGracePeriod: nanoseconds(service.stop_grace_period),
    Healthcheck: healthCheckOf(service),
    Hosts: service.extra_hosts?.map(hostLine),
    DNSConfig: dnsOf(service),
    Secrets: (service.secrets ?? []).map((use) => {
      const SecretName = project.secrets[use.source]?.name ?? use.source;
      const File = fileTarget(use, use.source);
      return { SecretID: ids.secrets.get(SecretName) ?? '', SecretName, File };
    }),
    Configs: (service.configs ?? []).map((use) => {
      const ConfigName = project.configs[use.source]?.name ?? use.source;
      const File = fileTarget(use, `/${use.source}`);
      return { ConfigID: ids.configs.get(ConfigName) ?? '', ConfigName, File };
    }),
    Mounts: mountsOf(service, project),
    Sysctls: service.sysctls,
    CapabilityAdd: service.cap_add,
    CapabilityDrop: service.cap_drop,
    OomScoreAdj: service.oom_score_adj,
    Ulimits:
      service.ulimits &&
      Object.entries(service.ulimits).map(([Name, limit]) =>
        typeof limit === 'number' ? { Name, Soft: limit, Hard: limit } : { Name, Soft: limit.soft, Hard: limit.hard },
      ),
  });
}

function fileTarget(
  use: { target?: string; uid?: string; gid?: string; mode?: string },
  otherwise: string,
): FileTarget {
  return {
    Name: use.target ?? otherwise,
    UID: use.uid ?? '0',
    GID: use.gid ?? '0',
    Mode: use.mode === undefined ? 0o444 : Number.parseInt(use.mode, 8),
  };
}

/** `name=address` → `address name`, as hosts(5) has it. */
function hostLine(entry: string): string {
  const at = entry.indexOf('=');
  return `${entry.slice(at + 1)} ${entry.slice(0, at)}`;
}

function dnsOf(service: Service): ContainerSpec['DNSConfig'] {
  const { dns, dns_search: search, dns_opt: options } = service;
  if (!dns && !search && !options) return undefined;
  return present({ Nameservers: dns, Search: search, Options: options });
}

function healthCheckOf({ healthcheck: check }: Service): ContainerSpec['Healthcheck'] {
  if (!check) return undefined;
  if (check.disable) return { Test: ['NONE'] };
  return present({
    Test: check.test,
    Interval: nanoseconds(check.interval),
    Timeout: nanoseconds(check.timeout),
    StartPeriod: nanoseconds(check.start_period),
    StartInterval: nanoseconds(check.start_interval),
    Retries: check.retries,
  });
}

function mountsOf(service: Service, project: Project): ContainerSpec['Mounts'] {
  const short = (service.tmpfs ?? []).map((entry): ServiceVolume => {
    const { size, mode } = tmpfsOptions(entry);
    return { type: 'tmpfs', target: entry.split(':')[0]!, tmpfs: { size, mode } };
  });
  return [...(service.volumes ?? []), ...short].map((volume) => mountOf(volume, project));
}

/** `/run:size=64m,mode=1777`, as the short form has it; `rest` is what there is beside the two. */
export function tmpfsOptions(entry: string): { size?: string; mode?: string; rest: string[] } {
  const given = (entry.split(':')[1] ?? '').split(',').filter(Boolean);
  const valueOf = (key: string) => given.find((option) => option.startsWith(`${key}=`))?.slice(key.length + 1);
  return {
    size: valueOf('size'),
    mode: valueOf('mode'),
    rest: given.filter((option) => !/^(size|mode)=/.test(option)),
  };
}

function mountOf(mount: ServiceVolume, project: Project) {
  const common = { Type: mount.type, Target: mount.target, ReadOnly: mount.read_only };
  if (mount.type === 'bind') {
    const { propagation: Propagation } = mount.bind ?? {};
    return present({ ...common, Source: mount.source, BindOptions: Propagation ? { Propagation } : undefined });
  }
  if (mount.type === 'tmpfs') {
    const { size, mode } = mount.tmpfs ?? {};
    const options = present({
      SizeBytes: size === undefined ? undefined : parseBytes(size),
      Mode: mode === undefined ? undefined : Number.parseInt(mode, 8),
    });
    return present({ ...common, TmpfsOptions: Object.keys(options).length > 0 ? options : undefined });
  }
  const definition = mount.source === undefined ? undefined : project.volumes[mount.source];
  const driver = definition?.driver ?? (definition?.driver_opts ? 'local' : undefined);
  return present({
    ...common,
    Source: definition?.name ?? mount.source,
    VolumeOptions: present({
      NoCopy: mount.volume?.nocopy,
      Labels: definition?.external ? undefined : stackLabels(project.name, definition?.labels),
      DriverConfig: driver === undefined ? undefined : { Name: driver, Options: definition?.driver_opts ?? {} },
    }),
  });
}
