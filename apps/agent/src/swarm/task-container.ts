import { digestOf } from '#lib/common';
import {
  containerIdOf,
  fillerOf,
  nodeNetworkOf,
  stopGraceOf,
  taskName,
  type Container,
  type ContainerSpec,
  type EngineSpec,
  type Network,
  type Protocol,
  type Task,
  type TaskNode,
  type UnwrittenKind,
} from '#lib/domain';
import { isLasting } from '#lib/engine';
import { volumeRequest, type MountBody } from '../volumes/mounts.js';
import { linksOf, wrongLinks } from './task-links.js';
import { mountsOf, wrongMount } from './task-mounts.js';

export interface TaskFacts {
  /** the node's network for containers that name none; undefined where there is none */
  fallback: Network | undefined;
  /** id of the ingress network; undefined where there is none */
  ingress?: string;
  /** an endpoint on the fallback network */
  lease(task: Task, network: Network): Container['endpoints'][number];
  /** a port of the node that nobody has */
  freePort(task: Task, containerPort: number, protocol: Protocol): number;
  /** what is opened, by id; not yet sealed */
  file(kind: UnwrittenKind, id: string): Buffer | undefined;
  seal(content: Buffer): string;
  node: TaskNode;
  /** is there such a file on the node? */
  exists(path: string): boolean;
  now: string;
}

/** The container that a task asks for. Its policy is `no`: what follows from its end, the manager decides. Pure. */
export function containerOf(task: Task, facts: TaskFacts): Container {
  const asked = task.spec.ContainerSpec ?? { Image: '' };
  const id = containerIdOf(task.id);
  const nodeNetwork = nodeNetworkOf(task.spec.Networks);
  const networkMode = nodeNetwork === 'host' || nodeNetwork === 'none' ? nodeNetwork : 'bridged';
  const isOnNode = nodeNetwork === 'bridge' || (networkMode === 'bridged' && task.attachments.length === 0);
  const own = isOnNode && facts.fallback ? [facts.lease(task, facts.fallback)] : [];
  const filled = fillerOf(task, facts.node);
  const { mounts, own: ownVolumes } = mountsOf(task, filled);
  const spec = engineSpecOf(task, asked, mounts, filled);
  const described = mounts.flatMap((each) => volumeRequest(each) ?? []);
  const registryAuth = facts.file('registryAuth', task.id);
  return {
    id,
    name: taskName(task),
    service: task.serviceName,
    spec,
    specHash: digestOf(spec),
    networkMode,
    endpoints: linksOf(task, own, facts.ingress, facts.exists),
    ports: task.ports
      .filter((port) => port.PublishMode === 'host')
      .map(({ PublishedPort, TargetPort: containerPort, Protocol: protocol = 'tcp' }) => ({
        hostIp: '',
        hostPort: PublishedPort || facts.freePort(task, containerPort, protocol),
        containerPort,
        protocol,
      })),
    dns: {
      servers: asked.DNSConfig?.Nameservers ?? [],
      search: asked.DNSConfig?.Search ?? [],
      options: asked.DNSConfig?.Options ?? [],
      extraHosts: (asked.Hosts ?? []).map(hostEntry),
    },
    files: filesOf(asked, facts),
    askedHealthcheck: asked.Healthcheck ?? {},
    restart: { name: 'no', maxRetries: 0 },
    dependsOn: [],
    pullPolicy: isLasting(asked.Image) ? 'missing' : 'newer',
    ...(registryAuth && { pullAs: facts.seal(registryAuth) }),
    origin: 'api',
    ...(ownVolumes.length > 0 && { ownVolumes }),
    ...(described.length > 0 && { describedVolumes: described }),
    target: targetOf(task),
    ...(task.traffic?.early && { publishEarly: true }),
    stopGraceSeconds: Math.ceil(stopGraceOf(asked) / 1e3),
    createdAt: facts.now,
  };
}

export function targetOf(task: Task): Container['target'] {
  switch (task.desired) {
    case 'running':
    case 'complete':
      return 'running';
    case 'ready':
      return 'created';
    default:
      return 'stopped';
  }
}

/** A manager that is away does not hold a task back for ever. Milliseconds. */
const WITHDRAWN_WITHIN = 5_000;

/**
 * When the container of a task that leaves gets its stop signal: after its time to end what was begun, which counts from
 * the moment when no node sends it anything new; undefined: nothing holds it back. Milliseconds since the epoch.
 * @param before what was decided earlier
 */
export function drainUntil(task: Task, before: number | undefined, now: number): number | undefined {
  const reachable = task.attachments.length > 0 || task.ports.length > 0;
  if (targetOf(task) !== 'stopped' || !reachable) return undefined;
  const latest = now + drainMsOf(task);
  return Math.min(before ?? latest, latest);
}

/** How long that may be from now on, at most. */
export function drainMsOf(task: Task): number {
  return (task.traffic?.drainMs ?? 0) + (task.withdrawn ? 0 : WITHDRAWN_WITHIN);
}

function engineSpecOf(
  task: Task,
  asked: ContainerSpec,
  mounts: readonly MountBody[],
  filled: (text: string) => string,
): EngineSpec {
  const { Limits: limits, Reservations: reserved } = task.spec.Resources ?? {};
  const host = {
    Mounts: mounts.length > 0 ? mounts : undefined,
    Memory: limits?.MemoryBytes,
    MemoryReservation: reserved?.MemoryBytes,
    NanoCpus: limits?.NanoCPUs,
    PidsLimit: limits?.Pids,
    ReadonlyRootfs: asked.ReadOnly,
    Init: asked.Init,
    CapAdd: asked.CapabilityAdd,
    CapDrop: asked.CapabilityDrop,
    Sysctls: asked.Sysctls,
    Ulimits: asked.Ulimits,
    GroupAdd: asked.Groups,
    OomScoreAdj: asked.OomScoreAdj,
    SecurityOpt: asked.Privileges?.NoNewPrivileges ? ['no-new-privileges'] : undefined,
    LogConfig: logConfigOf(task.spec.LogDriver ?? {}),
  };
  const config = {
    Image: asked.Image,
    Entrypoint: asked.Command,
    Cmd: asked.Args,
    Env: asked.Env?.map(filled),
    Hostname: asked.Hostname && filled(asked.Hostname),
    WorkingDir: asked.Dir,
    User: asked.User,
    Tty: asked.TTY,
    OpenStdin: asked.OpenStdin,
    StopSignal: asked.StopSignal,
    Labels: {
      ...asked.Labels,
      'com.docker.swarm.node.id': task.nodeId ?? '',
      'com.docker.swarm.service.id': task.serviceId,
      'com.docker.swarm.service.name': task.serviceName,
      'com.docker.swarm.task': '',
      'com.docker.swarm.task.id': task.id,
      'com.docker.swarm.task.name': taskName(task),
    },
    HostConfig: present(host),
  };
  return present(config) as EngineSpec;
}

/** Options without a driver are for the node's own. */
function logConfigOf({ Name, Options }: NonNullable<Task['spec']['LogDriver']>) {
  if (!Name && Object.keys(Options ?? {}).length === 0) return undefined;
  return { Type: Name ?? '', Config: Options ?? {} };
}

/** Why a task cannot be started here, for people; undefined: nothing is known against it. */
export function obstacleOf(task: Task, facts: Pick<TaskFacts, 'file' | 'exists' | 'node'>): string | undefined {
  const filled = fillerOf(task, facts.node);
  return missingFile(task, facts) ?? wrongLinks(task, facts.exists) ?? wrongMount(task, filled, facts.exists);
}

/**
 * Why a task cannot have all of its secrets and configs: one that only a previous spec uses may be removed, and a rollback
 * asks for it. Undefined: they are all there. Pure.
 */
function missingFile(task: Task, facts: Pick<TaskFacts, 'file'>): string | undefined {
  const missing = usesOf(task.spec.ContainerSpec).find(({ kind, id }) => facts.file(kind, id) === undefined);
  return missing && `${missing.kind} ${missing.name || missing.id} not found`;
}

function usesOf(asked: Pick<ContainerSpec, 'Secrets' | 'Configs'> = {}) {
  return [
    ...(asked.Secrets ?? []).map((use) => ({
      kind: 'secret' as const,
      id: use.SecretID,
      file: use.File,
      name: use.SecretName,
    })),
    ...(asked.Configs ?? []).map((use) => ({
      kind: 'config' as const,
      id: use.ConfigID,
      file: use.File,
      name: use.ConfigName,
    })),
  ];
}

function filesOf(asked: ContainerSpec, facts: TaskFacts): Container['files'] {
  return usesOf(asked).flatMap(({ kind, id, file, name }) => {
    const content = facts.file(kind, id);
    // Then it is not started (`missingFile`).
    if (content === undefined) return [];
    const target = file?.Name ?? name;
    const folder = kind === 'secret' ? '/run/secrets/' : '/';
    return [
      {
        target: target.startsWith('/') ? target : `${folder}${target}`,
        content: facts.seal(content),
        mode: file?.Mode ?? 0o444,
        uid: Number(file?.UID ?? 0),
        gid: Number(file?.GID ?? 0),
      },
    ];
  });
}

/** `ADDRESS NAME`, as hosts(5) has it. */
function hostEntry(entry: string): [string, string] {
  const [address = '', name = ''] = entry.split(/\s+/);
  return [name, address];
}

function present<T extends object>(value: T): T {
  return Object.fromEntries(
    Object.entries(value).filter(([, inner]) => inner !== undefined && inner !== null && inner !== ''),
  ) as T;
}
