import { parseBytes, parseDuration, type FileReference, type Project, type Service, type Ulimit } from '#lib/compose';
import type { EngineSpec } from '#lib/domain';

const SHOWN = 'systempaths=unconfined';

/** What of a Compose service the container engine sees: Docker Engine API names. Pure. */
export function engineSpecOf(service: Service, project: Project, labels: Record<string, string>): EngineSpec {
  return dropAbsent({
    Image: service.image ?? '',
    Cmd: service.command ?? undefined,
    Entrypoint: service.entrypoint ?? undefined,
    Env: Object.entries(service.environment ?? {}).flatMap(([key, value]) =>
      value === null ? [] : [`${key}=${value}`],
    ),
    Labels: { ...service.labels, ...labels },
    Hostname: service.hostname,
    Domainname: service.domainname,
    User: service.user,
    WorkingDir: service.working_dir,
    Tty: service.tty,
    OpenStdin: service.stdin_open,
    StopSignal: service.stop_signal,
    HostConfig: hostConfigOf(service, project),
  });
}

function hostConfigOf(service: Service, project: Project): Record<string, unknown> {
  const limits = service.deploy?.resources?.limits;
  const memory = service.mem_limit ?? limits?.memory;
  const cpus = service.cpus ?? limits?.cpus;
  const pids = service.pids_limit ?? limits?.pids;
  const reserved = service.mem_reservation ?? service.deploy?.resources?.reservations?.memory;
  return dropAbsent({
    Binds: bindsOf(service, project),
    Tmpfs: tmpfsOf(service),
    Memory: memory === undefined ? undefined : parseBytes(memory),
    MemoryReservation: reserved === undefined ? undefined : parseBytes(reserved),
    MemorySwap: service.memswap_limit === undefined ? undefined : parseBytes(service.memswap_limit),
    NanoCpus: cpus === undefined ? undefined : Math.round(Number(cpus) * 1e9),
    CpuShares: service.cpu_shares === undefined ? undefined : Number(service.cpu_shares),
    CpusetCpus: service.cpuset,
    CpuPeriod: service.cpu_period,
    CpuQuota: service.cpu_quota,
    CpuRealtimePeriod: service.cpu_rt_period,
    CpuRealtimeRuntime: service.cpu_rt_runtime,
    MemorySwappiness: service.mem_swappiness,
    DeviceCgroupRules: service.device_cgroup_rules,
    Annotations: service.annotations,
    PidsLimit: pids === undefined ? undefined : Number(pids),
    CapAdd: service.cap_add,
    CapDrop: service.cap_drop,
    Privileged: service.privileged,
    ReadonlyRootfs: service.read_only,
    ...securityOf(service.security_opt),
    Sysctls: service.sysctls,
    ShmSize: service.shm_size === undefined ? undefined : parseBytes(service.shm_size),
    Init: service.init,
    PidMode: service.pid,
    IpcMode: service.ipc,
    UTSMode: service.uts,
    UsernsMode: service.userns_mode,
    CgroupParent: service.cgroup_parent,
    OomKillDisable: service.oom_kill_disable,
    OomScoreAdj: service.oom_score_adj === undefined ? undefined : Number(service.oom_score_adj),
    GroupAdd: service.group_add?.map(String),
    Devices: service.devices?.map((device) => ({
      PathOnHost: device.source,
      PathInContainer: device.target,
      CgroupPermissions: device.permissions,
    })),
    Ulimits: service.ulimits && Object.entries(service.ulimits).map(([name, limit]) => ulimit(name, limit)),
    LogConfig: service.logging && { Type: service.logging.driver ?? '', Config: service.logging.options ?? {} },
  });
}

/** `systempaths=unconfined` is a word of Docker's clients, which tell an engine that it hides nothing. */
function securityOf(options: readonly string[] | undefined): Record<string, unknown> {
  const SecurityOpt = options?.filter((option) => option !== SHOWN);
  if (SecurityOpt?.length === options?.length) return { SecurityOpt };
  return { SecurityOpt, MaskedPaths: [], ReadonlyPaths: [] };
}

function bindsOf(service: Service, project: Project): string[] {
  const mounts = (service.volumes ?? []).flatMap((mount) => {
    const { propagation, selinux } = mount.bind ?? {};
    const flags = [mount.read_only ? 'ro' : 'rw', propagation, selinux].filter(Boolean).join(',');
    if (mount.type === 'bind') return [`${mount.source ?? ''}:${mount.target}:${flags}`];
    if (mount.type !== 'volume') return [];
    // An anonymous volume has no name: the engine makes one, which the container's successor mounts by that name.
    if (!mount.source) return [`${mount.target}`];
    const nocopy = mount.volume?.nocopy ? ',nocopy' : '';
    return [`${project.volumes?.[mount.source]?.name ?? mount.source}:${mount.target}:${flags}${nocopy}`];
  });
  return [...mounts, ...fileBinds(service, project)];
}

/** Secrets and configs that are files of the node are mounted as they are. */
function fileBinds(service: Service, project: Project): string[] {
  const secrets = (service.secrets ?? []).flatMap((use) => {
    const file = project.secrets?.[use.source]?.file;
    return file ? [`${file}:${secretTarget(use)}:ro`] : [];
  });
  const configs = (service.configs ?? []).flatMap((use) => {
    const file = project.configs?.[use.source]?.file;
    return file ? [`${file}:${configTarget(use)}:ro`] : [];
  });
  return [...secrets, ...configs];
}

export const secretTarget = (use: FileReference): string => targetIn('/run/secrets/', use);
export const configTarget = (use: FileReference): string => targetIn('/', use);

function targetIn(folder: string, { source, target = source }: FileReference): string {
  return target.startsWith('/') ? target : `${folder}${target}`;
}

function tmpfsOf(service: Service): Record<string, string> | undefined {
  const short = (service.tmpfs ?? []).map((entry): [string, string] => {
    const at = entry.indexOf(':');
    return at < 0 ? [entry, ''] : [entry.slice(0, at), entry.slice(at + 1)];
  });
  const long = (service.volumes ?? []).flatMap((mount): [string, string][] => {
    if (mount.type !== 'tmpfs') return [];
    const size = mount.tmpfs?.size === undefined ? [] : [`size=${parseBytes(mount.tmpfs.size)}`];
    const mode = mount.tmpfs?.mode === undefined ? [] : [`mode=${mount.tmpfs.mode}`];
    return [[mount.target, [...size, ...mode].join(',')]];
  });
  const all = [...short, ...long];
  return all.length > 0 ? Object.fromEntries(all) : undefined;
}

function ulimit(name: string, limit: Ulimit) {
  if (typeof limit === 'number') return { Name: name, Soft: limit, Hard: limit };
  return { Name: name, Soft: limit.soft, Hard: limit.hard };
}

/** Seconds that the service's containers get between stop signal and SIGKILL. */
export function stopGraceOf(service: Service): number {
  return service.stop_grace_period === undefined ? 10 : Math.ceil(parseDuration(service.stop_grace_period) / 1000);
}

function dropAbsent<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined)) as T;
}
