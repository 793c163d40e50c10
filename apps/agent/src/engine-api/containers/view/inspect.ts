import { shortId } from '#lib/common';
import type { NodeNames } from '#lib/domain';
import type { ContainerDetails } from '#lib/engine';
import type { KnownContainer } from '../../../containers/container-directory.js';
import { isRunning, runStateOf } from '../../../containers/run-state.js';
import { toDockerHealthcheck } from '../../../health/healthcheck.js';
import type { ProbeResult } from '../../../health/probe-log.js';
import { hostConfigOf } from './host-config.js';
import { mountsOf } from './mounts.js';
import { networkSettings, type NetworkOf } from './networks.js';

/** Docker's way to say never. */
const NEVER = '0001-01-01T00:00:00Z';

export interface InspectFacts {
  networkOf: NetworkOf;
  names: NodeNames;
  /** what the engine says; undefined while it does not have the container */
  details: ContainerDetails | undefined;
  /** the kernel killed one of its processes for want of memory */
  outOfMemory: boolean;
  probes: readonly ProbeResult[];
  /** sizes were asked for */
  size: boolean;
  cgroupns: string;
  /** folder of the files that skep mounts into the container */
  files: string;
  aliasesWithId: boolean;
}

/** The answer to GET /containers/:id/json: ours where it is ours, the engine's where it knows. Pure. */
export function inspection(known: KnownContainer, facts: InspectFacts): Record<string, unknown> {
  const { container, status, seen } = known;
  const { networkOf, names, details = {}, files, aliasesWithId } = facts;
  const up = isRunning(runStateOf(known));
  const [path = '', ...args] = seen?.argv ?? [...(container.spec.Entrypoint ?? []), ...(container.spec.Cmd ?? [])];
  const bridged = container.networkMode === 'bridged';
  const text = (key: string) => (typeof details[key] === 'string' ? details[key] : '');
  return {
    Id: container.id,
    Created: container.createdAt,
    Path: path,
    Args: args,
    State: stateOf(known, facts),
    Image: seen?.imageId ?? '',
    ResolvConfPath: bridged ? `${files}/resolv.conf` : text('ResolvConfPath'),
    HostnamePath: text('HostnamePath'),
    HostsPath: bridged ? `${files}/hosts` : text('HostsPath'),
    LogPath: text('LogPath'),
    Name: `/${container.name}`,
    RestartCount: status.restartCount,
    Driver: text('Driver'),
    Platform: 'linux',
    MountLabel: text('MountLabel'),
    ProcessLabel: text('ProcessLabel'),
    AppArmorProfile: text('AppArmorProfile'),
    ExecIDs: emptyAsNull(details['ExecIDs']),
    HostConfig: hostConfigOf(container, networkOf, facts.cgroupns),
    GraphDriver: details['GraphDriver'] ?? { Name: text('Driver'), Data: null },
    ...(facts.size && { SizeRw: details['SizeRw'] ?? 0, SizeRootFs: details['SizeRootFs'] ?? 0 }),
    Mounts: mountsOf(container, seen?.mounts ?? [], files),
    Config: configOf(known, details),
    NetworkSettings: networkSettings(container, networkOf, names, { up, aliasesWithId, defaultNetwork: 'nat' }),
  };
}

function stateOf(known: KnownContainer, { details, probes, outOfMemory }: InspectFacts): Record<string, unknown> {
  const { container, status } = known;
  const state = runStateOf(known);
  const engine = (details?.['State'] ?? {}) as { OOMKilled?: boolean };
  return {
    Status: state.phase,
    Running: isRunning(state),
    Paused: state.phase === 'paused',
    Restarting: state.phase === 'restarting',
    OOMKilled: outOfMemory || engine.OOMKilled === true,
    Dead: false,
    Pid: state.pid,
    ExitCode: state.exitCode,
    Error: state.error,
    StartedAt: state.startedAt || NEVER,
    FinishedAt: state.finishedAt || NEVER,
    ...(container.healthcheck && {
      Health: { Status: state.health, FailingStreak: status.failingStreak, Log: probes.map(probeLine) },
    }),
  };
}

function probeLine({ start, end, exitCode, output }: ProbeResult) {
  return { Start: start, End: end, ExitCode: exitCode, Output: output };
}

/** As it was asked for with what the image adds; of a project's containers the engine knows what that is. */
function configOf({ container, seen }: KnownContainer, details: ContainerDetails): Record<string, unknown> {
  const { HostConfig: _host, ...spec } = container.spec;
  const engine = (details['Config'] ?? {}) as Record<string, unknown>;
  const merged = container.origin === 'api' ? spec : { ...engine, ...spec, Env: engine['Env'] ?? spec.Env };
  const ownName = container.networkMode === 'bridged' || container.networkMode === 'none';
  const { ExposedPorts, StopSignal, StopTimeout } = merged;
  return {
    Hostname: spec.Hostname ?? (ownName ? shortId(container.id) : (engine['Hostname'] ?? '')),
    Domainname: spec.Domainname ?? '',
    User: merged.User ?? '',
    AttachStdin: spec.AttachStdin ?? false,
    AttachStdout: spec.AttachStdout ?? false,
    AttachStderr: spec.AttachStderr ?? false,
    ...(Object.keys(ExposedPorts ?? {}).length > 0 && { ExposedPorts }),
    Tty: spec.Tty ?? false,
    OpenStdin: spec.OpenStdin ?? false,
    StdinOnce: spec.StdinOnce ?? false,
    Env: merged.Env ?? [],
    Cmd: emptyAsNull(merged.Cmd),
    ...(container.healthcheck && { Healthcheck: toDockerHealthcheck(container.healthcheck) }),
    Image: spec.Image,
    ...(spec.NetworkDisabled && { NetworkDisabled: true }),
    Volumes: Object.keys(merged.Volumes ?? {}).length > 0 ? merged.Volumes : null,
    WorkingDir: merged.WorkingDir ?? '',
    Entrypoint: emptyAsNull(merged.Entrypoint),
    OnBuild: null,
    Labels: seen?.labels ?? spec.Labels ?? {},
    ...(StopSignal && container.origin === 'api' && { StopSignal }),
    ...(StopTimeout !== undefined && container.origin === 'api' && { StopTimeout }),
  };
}

function emptyAsNull(list: unknown): unknown {
  return Array.isArray(list) && list.length > 0 ? list : null;
}
