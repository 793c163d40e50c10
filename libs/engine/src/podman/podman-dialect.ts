import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type Docker from 'dockerode';
import { invalid } from '#lib/common';
import { LABELS } from '#lib/domain';
import { dial } from '../docker-api/dial.js';
import type { EngineDialect, HostConfig, Listed } from '../docker-api/dialect.js';
import { fullName } from '../docker-api/image-name.js';
import { fromListing } from '../docker-api/observed.js';
import type { EngineCreate, ImageDefaults } from '../engine.js';
import { monitorsOf, untilGone } from './aftermath.js';
import { Leaving } from './leaving.js';
import { LogKeeper } from './log/log-keeper.js';
import { logConfig } from './log-config.js';
import { readLog } from './log/read-log.js';
import { withoutPassedOver } from './passed-over.js';
import { dropRemains } from './remains.js';
import { seccompByPath } from './seccomp-profiles.js';
import { podmanBuildQuery } from './podman-build.js';
import { podmanCommand } from './podman-command.js';
import { commitPodman } from './podman-commit.js';
import { podmanMounts } from './podman-mounts.js';
import { updatePodman } from './podman-update.js';
import { podmanVolumeOptions } from './podman-volumes.js';

/** What Docker sets in every network namespace that is not the node's. */
const NET_SYSCTLS = {
  'net.ipv4.ip_unprivileged_port_start': '0',
  'net.ipv4.ping_group_range': '0 2147483647',
};

/** Size of /dev/shm in bytes; Podman's own default is 65,536,000. */
const DOCKERS_SHM = 64 << 20;

interface LibpodContainer {
  Id: string;
  Names: string[];
  Image: string;
  ImageID: string;
  Labels: Record<string, string> | null;
  State: string;
  Pid: number;
  ExitCode: number;
  /** seconds since the epoch; far below 0: never */
  StartedAt: number;
  ExitedAt: number;
  /** where it was asked for; of one without its files there is nothing to measure */
  Size: { rwSize: number; rootFsSize: number } | null;
}

/** 128 + SIGKILL: what is said of a run whose exit code nobody has seen. */
const LOST_EXIT_CODE = '137';

/** The service that runs on this machine, where a dialect knows it. */
export interface LocalService {
  /** where Podman's monitors (conmon) leave exit codes */
  exitDirectory: string;
  /** of `Leaving` */
  leavingDirectory: string;
  /** of its process; undefined while it is away */
  readonly pid: number | undefined;
}

/**
 * Podman 4 and newer. It takes a network namespace by its path, before the first process starts.
 * @param service without it the exit of a container whose monitor was killed stays unnoticed
 */
export function createPodmanDialect(service?: LocalService): EngineDialect {
  const keeper = new LogKeeper();
  const leaving = new Leaving(service?.leavingDirectory);
  const profiles = service && join(dirname(service.leavingDirectory), 'seccomp');
  return {
    name: 'podman',
    hostConfig: (network, given) => hostConfig(network, given, service?.pid ?? process.pid, profiles),
    command: podmanCommand,
    labels: labelsOf,
    leaving: (engineId, is) => (is ? leaving.note(engineId) : leaving.forget(engineId)),
    observed: (container) => keeper.see(container),
    list,
    // Its database has the container, and its storage has not: after a crash, the two do not say the same.
    lacksFiles: (words) => /(?:container|layer) not known/.test(words),
    dropRemains,
    update: updatePodman,
    volumeOptions: podmanVolumeOptions,
    // Its own API cuts times to seconds, and counts the parts of lines.
    logs: ({ LogPath }, options, ended) => readLog(LogPath, options, ended),
    untag,
    buildQuery: podmanBuildQuery,
    commit: commitPodman,
    healthcheck,
    tidiedUp,
    noteLostExit(engineId) {
      if (!service) return;
      try {
        writeFileSync(join(service.exitDirectory, engineId), LOST_EXIT_CODE, { flag: 'wx' });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
    },
  };
}

export const podmanDialect = createPodmanDialect();

function hostConfig(
  network: EngineCreate['network'],
  given: HostConfig,
  servicePid: number,
  profiles: string | undefined,
): HostConfig {
  const sysctls = objectIn(given, 'Sysctls');
  const ownNamespace = 'netnsPath' in network || ('mode' in network && network.mode === 'none');
  const { SecurityOpt, ...passed } = withoutPassedOver(given);
  return {
    ...passed,
    SecurityOpt: seccompByPath(SecurityOpt as unknown[], profiles),
    ...podmanMounts(given),
    NetworkMode: networkMode(network),
    ShmSize: hasOwnShm(given) ? given['ShmSize'] || DOCKERS_SHM : undefined,
    LogConfig: logConfig(given).config,
    Ulimits: ulimits(given, servicePid),
    Sysctls: { ...(ownNamespace && NET_SYSCTLS), ...sysctls },
  };
}

function labelsOf(given: HostConfig): Record<string, string> {
  const { files } = logConfig(given);
  return files > 1 ? { [LABELS.logFiles]: String(files) } : {};
}

/** Its Docker API lists none where it cannot look at one of them. */
async function list(docker: Docker, label: string, { size = false } = {}): Promise<Listed[]> {
  const all = await dial<LibpodContainer[] | null>(docker, {
    method: 'GET',
    path: '/v4.0.0/libpod/containers/json',
    query: { all: 'true', size: String(size), filters: JSON.stringify({ label: [label] }) },
  });
  return (all ?? []).map((one) => ({
    engineId: one.Id,
    listed: () => {
      const startedAt = one.StartedAt > 0 ? new Date(one.StartedAt * 1000).toISOString() : '';
      return fromListing(one, { state: one.State, pid: one.Pid, startedAt });
    },
    fingerprint: [one.State, one.Pid, one.StartedAt, one.ExitedAt, one.ExitCode].join(' '),
    ...(one.Size && { size: { writable: one.Size.rwSize, rootFs: one.Size.rootFsSize } }),
    ...(one.ExitedAt > 0 && { endedSecond: one.ExitedAt }),
  }));
}

/** Podman's removal of an image in use takes its containers, too. */
async function untag(docker: Docker, name: string): Promise<void> {
  const full = fullName(name);
  const at = full.lastIndexOf(':');
  await dial(docker, {
    method: 'POST',
    path: `/v4.0.0/libpod/images/${encodeURIComponent(full)}/untag`,
    query: { repo: full.slice(0, at), tag: full.slice(at + 1) },
  });
}

function networkMode(network: EngineCreate['network']): string {
  if ('netnsPath' in network) return `ns:${network.netnsPath}`;
  return 'mode' in network ? network.mode : `container:${network.container}`;
}

/** Podman refuses a size where /dev/shm is somebody else's; Docker shows one there, and passes it over. */
function hasOwnShm({ IpcMode }: HostConfig): boolean {
  return typeof IpcMode !== 'string' || ['', 'private', 'shareable'].includes(IpcMode);
}

/** A process that is ready belongs to the next run, and so does its monitor: whoever made it ready has waited. */
async function tidiedUp(docker: Docker, engineId: string): Promise<void> {
  const monitors = await monitorsOf(engineId);
  if (monitors.length === 0) return;
  const { State } = await docker.getContainer(engineId).inspect();
  if (State.Pid === 0) await untilGone(monitors);
}

interface Ulimit {
  Name: string;
  Soft: number;
  Hard: number;
}

/**
 * Given any limit, Podman raises nofile and nproc to the kernel's maximum unless they are given too, which fails without
 * CAP_SYS_RESOURCE. Docker leaves them as the engine has them, so that is
 * asked for.
 */
function ulimits(given: HostConfig, servicePid: number): Ulimit[] {
  const asked = (given['Ulimits'] ?? []) as Ulimit[];
  if (!Array.isArray(asked)) throw invalid('HostConfig.Ulimits: a list of {Name, Soft, Hard} is accepted');
  if (asked.length === 0) return [];
  const inherited = limitsOf(servicePid).filter((own) => !asked.some((one) => one.Name === own.Name));
  return [...asked, ...inherited];
}

/** Of nofile and nproc. Podman lowers its own. */
function limitsOf(pid: number): Ulimit[] {
  const text = readFileSync(`/proc/${pid}/limits`, 'utf8');
  return (
    [
      ['nofile', /^Max open files +(\S+) +(\S+)/m],
      ['nproc', /^Max processes +(\S+) +(\S+)/m],
    ] as const
  ).flatMap(([Name, pattern]) => {
    const [, soft, hard] = pattern.exec(text) ?? [];
    return soft && hard ? [{ Name, Soft: limit(soft), Hard: limit(hard) }] : [];
  });
}

function limit(text: string): number {
  return text === 'unlimited' ? -1 : Number(text);
}

function objectIn(given: HostConfig, key: string): Record<string, unknown> {
  const value = given[key] ?? {};
  if (typeof value === 'object' && !Array.isArray(value)) return value as Record<string, unknown>;
  throw invalid(`HostConfig.${key}: an object is accepted`);
}

/** Its Docker API leaves it out. */
async function healthcheck(docker: Docker, image: string): Promise<ImageDefaults['Healthcheck']> {
  const path = `/v4.0.0/libpod/images/${encodeURIComponent(image)}/json`;
  const { Healthcheck } = await dial<{ Healthcheck?: ImageDefaults['Healthcheck'] | null }>(docker, {
    method: 'GET',
    path,
  });
  return Healthcheck ?? undefined;
}
