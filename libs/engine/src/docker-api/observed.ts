import type { ContainerInspectInfo } from 'dockerode';
import { givenLabels, LABELS, type ObservedContainer, type ObservedMount } from '#lib/domain';
import { familiarName } from './image-name.js';

const NEVER = /^0001-01-01/;

const STATES: Readonly<Record<string, ObservedContainer['state']>> = {
  created: 'created',
  configured: 'created',
  initialized: 'created',
  running: 'running',
  stopping: 'running',
  paused: 'paused',
  exited: 'exited',
  stopped: 'exited',
  dead: 'exited',
};

/** Docker's exit code of a run whose end nobody saw. */
const UNKNOWN = 255;

/** From the answer to GET /containers/:id/json. */
export function fromInspect(info: ContainerInspectInfo): ObservedContainer {
  const { State: state, Config: config } = info;
  const labels = config.Labels ?? {};
  const startedAt = timeOf(state.StartedAt);
  // Podman resets what ran when the power went to what it was before it ran.
  const lost = STATES[state.Status] === 'created' && state.Status !== 'initialized' && startedAt !== '';
  const seen = lost ? 'exited' : (STATES[state.Status] ?? 'other');
  return {
    engineId: info.Id,
    ...ownerIn(labels),
    name: info.Name.replace(/^\//, ''),
    // Podman says `created` for a container that was initialised and `exited` for one whose start failed.
    state: seen === 'exited' && startedAt === '' && state.ExitCode === 0 ? 'created' : seen,
    pid: seen === 'running' || seen === 'paused' ? state.Pid : 0,
    exitCode: lost ? UNKNOWN : state.ExitCode,
    specHash: labels[LABELS.specHash],
    image: familiarName(config.Image),
    imageId: imageIdOf(info.Image),
    labels: givenLabels(labels),
    argv: argvOf(info),
    mounts: (info.Mounts ?? []).map(mountOf),
    startedAt,
    finishedAt: lost ? startedAt : timeOf(state.FinishedAt),
    ...(lost && { lost: true as const }),
    ...(state.OOMKilled && { outOfMemory: true }),
  };
}

/** Which container of which node it is. */
export function ownerIn(labels: Readonly<Record<string, string>>): Pick<ObservedContainer, 'id' | 'nodeId'> {
  const nodeId = labels[LABELS.node];
  return { id: labels[LABELS.container] ?? '', ...(nodeId !== undefined && { nodeId }) };
}

/** What both engines' listings say alike. */
interface ListedInfo {
  Id: string;
  Names: string[];
  Image: string;
  ImageID: string;
  Labels?: Record<string, string> | null;
}

/**
 * As much as a listing says of a container that cannot be inspected.
 * @param run what it says of the last one, if any: a state, the process (0: none), and when it began, ISO 8601
 */
export function fromListing(
  info: ListedInfo,
  { state = '', pid = 0, startedAt = '' }: { state?: string; pid?: number; startedAt?: string } = {},
): ObservedContainer {
  const labels = info.Labels ?? {};
  return {
    engineId: info.Id,
    ...ownerIn(labels),
    name: (info.Names[0] ?? '').replace(/^\//, ''),
    state: state === 'running' || state === 'paused' ? state : 'other',
    pid,
    exitCode: 0,
    specHash: labels[LABELS.specHash],
    image: familiarName(info.Image),
    imageId: imageIdOf(info.ImageID),
    labels: givenLabels(labels),
    argv: [],
    mounts: [],
    startedAt,
    finishedAt: '',
  };
}

/** A container without its files: nobody saw its end, and it is not what anybody asked for any more. */
export function withoutFiles(seen: ObservedContainer): ObservedContainer {
  const { specHash: _wasMadeFor, ...rest } = seen;
  if (seen.startedAt === '') return { ...rest, state: 'created', pid: 0 };
  return { ...rest, state: 'exited', pid: 0, exitCode: UNKNOWN, finishedAt: seen.startedAt, lost: true };
}

/** Podman's Path and Args both have the command where it is a single word. */
function argvOf({ Path, Args, Config }: ContainerInspectInfo): string[] {
  const entrypoint = [Config.Entrypoint ?? []].flat().filter((word) => word !== '');
  const asked = [...entrypoint, ...(Config.Cmd ?? [])];
  return asked.length > 0 ? asked : [Path, ...(Args ?? [])];
}

function mountOf(mount: Partial<ContainerInspectInfo['Mounts'][number]> & { Type?: string }): ObservedMount {
  return {
    type: mount.Type ?? '',
    name: mount.Name ?? '',
    source: mount.Source ?? '',
    destination: mount.Destination ?? '',
    driver: mount.Driver ?? '',
    mode: mount.Mode ?? '',
    readWrite: mount.RW ?? true,
    propagation: mount.Propagation ?? '',
  };
}

/** Podman leaves the algorithm out. */
function imageIdOf(id: string): string {
  return id === '' || id.includes(':') ? id : `sha256:${id}`;
}

/** ISO 8601 in UTC with the engine's precision; empty for the zero time. */
function timeOf(text: string | undefined): string {
  return !text || NEVER.test(text) ? '' : text;
}
