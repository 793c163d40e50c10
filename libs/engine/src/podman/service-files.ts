import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { withoutX32 } from './default-profile.js';

export interface PodmanSettings {
  /** absolute; images, containers and volumes, kept over a reboot */
  dataRoot: string;
  /** absolute; socket, locks and mounts, best on a tmpfs */
  execRoot: string;
  /** `host[:port]`: plain HTTP and unknown certificates are accepted */
  insecureRegistries: string[];
  /** OCI runtime */
  runtime: string;
  /** path of what Podman starts as a container's monitor */
  monitor: string;
  /** text of the seccomp profile of containers that ask for none; undefined: Podman's built-in one */
  seccompProfile: string | undefined;
}

/** Docker's defaults, where Podman's differ. */
const CAPABILITIES = [
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'NET_RAW',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
].map((name) => `CAP_${name}`);

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Everything that a service is started with. */
export interface ServicePlan {
  socketPath: string;
  logPath: string;
  /** directories that must be there */
  roots: string[];
  /** where monitors leave exit codes: `exits` below Podman's --tmpdir */
  exitDirectory: string;
  /** files by engine ids, of containers that are removed when they end: where the monitor looks for them */
  leavingDirectory: string;
  /** what must not outlive the boot that it is of; Podman takes its being away for a reboot */
  volatile: string[];
  /** names the boot that `volatile` is of */
  bootPath: string;
  argv: string[];
  env: Record<string, string>;
  /** path → content */
  files: Record<string, string>;
}

/** Pure: the service's arguments, environment and files, none of them below /etc or a home directory. */
export function planService(settings: PodmanSettings, inherited: NodeJS.ProcessEnv): ServicePlan {
  const at = (...names: string[]) => join(settings.execRoot, ...names);
  const socketPath = at('podman.sock');
  const seccompPath = at('config', 'seccomp.json');
  const config = {
    CONTAINERS_CONF: at('config', 'containers.conf'),
    CONTAINERS_STORAGE_CONF: at('config', 'storage.conf'),
    CONTAINERS_REGISTRIES_CONF: at('config', 'registries.conf'),
    HOME: at('config', 'home'),
    PATH: inherited['PATH'] ?? PATH,
  };
  const options = {
    '--runtime': settings.runtime,
    '--root': settings.dataRoot,
    '--runroot': at('run'),
    '--tmpdir': at('tmp'),
    '--storage-driver': 'overlay',
    // A stop that waits for a process holds one; by default there are three for each processor, and one.
    '--max-workers': '100',
  };
  return {
    socketPath,
    logPath: at('podman.log'),
    roots: [settings.dataRoot, settings.execRoot],
    exitDirectory: at('tmp', 'exits'),
    leavingDirectory: at('tmp', 'leaving'),
    volatile: [at('tmp'), at('run')],
    bootPath: at('boot-id'),
    argv: ['podman', ...Object.entries(options).flat(), 'system', 'service', '-t', '0', `unix://${socketPath}`],
    env: { ...passedOn(inherited), ...config },
    files: {
      [config.CONTAINERS_CONF]: containersConf(settings, config, seccompPath),
      [config.CONTAINERS_STORAGE_CONF]: storageConf(settings, at('run')),
      [config.CONTAINERS_REGISTRIES_CONF]: registriesConf(settings.insecureRegistries),
      [at('config', 'home', '.config', 'containers', 'policy.json')]: JSON.stringify({
        default: [{ type: 'insecureAcceptAnything' }],
      }),
      ...(settings.seccompProfile !== undefined && { [seccompPath]: withoutX32(settings.seccompProfile) }),
    },
  };
}

/** Writes the files, and clears what is left of an earlier boot where the exec root is not on a tmpfs. */
export function prepareService(plan: ServicePlan): void {
  for (const path of plan.roots) mkdirSync(path, { recursive: true, mode: 0o711 });
  for (const [path, content] of Object.entries(plan.files)) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, content, { mode: 0o600 });
  }
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8');
  const before = existsSync(plan.bootPath) ? readFileSync(plan.bootPath, 'utf8') : undefined;
  if (before !== undefined && before !== boot) {
    for (const path of plan.volatile) rmSync(path, { recursive: true, force: true });
  }
  writeFileSync(plan.bootPath, boot);
}

/** How registries are reached, and credentials for them. */
function passedOn(inherited: NodeJS.ProcessEnv): Record<string, string> {
  const wanted = /^(https?_proxy|no_proxy|all_proxy|ssl_cert_(file|dir)|registry_auth_file)$/i;
  return Object.fromEntries(
    Object.entries(inherited).filter((entry): entry is [string, string] => wanted.test(entry[0])),
  );
}

function containersConf(settings: PodmanSettings, env: Record<string, string>, seccompPath: string): string {
  return toml({
    containers: {
      default_capabilities: CAPABILITIES,
      // Limits stay those of the service: raising them needs CAP_SYS_RESOURCE.
      default_ulimits: [],
      // Set for each container: Podman would set them in joined namespaces too.
      default_sysctls: [],
      env: [`PATH=${PATH}`],
      http_proxy: false,
      log_driver: 'k8s-file',
      pids_limit: 0,
      ...(settings.seccompProfile !== undefined && { seccomp_profile: seccompPath }),
    },
    engine: {
      cgroup_manager: 'cgroupfs',
      conmon_path: [settings.monitor],
      // It runs Podman at the end of a container, which must find the same configuration.
      conmon_env_vars: Object.entries(env).map(([key, value]) => `${key}=${value}`),
      // Following a log depends on events.
      events_logger: 'file',
      // In seconds: so long is the exit code of an exec to be had, and so long a process is kept for it. Beside much other
      // work, answers of the engine take more than two.
      exit_command_delay: 5,
      image_copy_tmp_dir: 'storage',
      // Shared memory is one for all Podmans of a machine, and each frees all its locks after a reboot.
      lock_type: 'file',
      runtime: settings.runtime,
    },
    network: { network_config_dir: join(settings.execRoot, 'cni') },
  });
}

function storageConf(settings: PodmanSettings, runRoot: string): string {
  return toml({ storage: { driver: 'overlay', graphroot: settings.dataRoot, runroot: runRoot } });
}

/** Registries of this machine speak plain HTTP, as Docker has it for 127.0.0.0/8 and ::1. */
const LOOPBACK_REGISTRIES = ['127.0.0.1', 'localhost', '[::1]'];

/** Short names mean Docker Hub, as in Docker. A location without a port counts for every port. */
function registriesConf(insecure: string[]): string {
  const registries = [...new Set([...LOOPBACK_REGISTRIES, ...insecure])].map(
    (location) => `\n[[registry]]\nlocation = ${JSON.stringify(location)}\ninsecure = true\n`,
  );
  return `unqualified-search-registries = ["docker.io"]\nshort-name-mode = "disabled"\n${registries.join('')}`;
}

type TomlValue = string | number | boolean | string[];

/** Texts in TOML are escaped as in JSON. */
function toml(tables: Record<string, Record<string, TomlValue>>): string {
  return Object.entries(tables)
    .map(([name, table]) => {
      const lines = Object.entries(table).map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`);
      return `[${name}]\n${lines.join('')}`;
    })
    .join('\n');
}
