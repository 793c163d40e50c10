import { invalid, unsupported } from '#lib/common';
import { cleanPath, mountTargets, type EngineSpec } from '#lib/domain';
import type { EngineCreate } from '../engine.js';
import type { EngineDialect, HostConfig } from './dialect.js';

/** What skep does itself; an engine that did it too would work against it. */
const OURS: readonly string[] = [
  'NetworkMode',
  'PortBindings',
  'PublishAllPorts',
  'RestartPolicy',
  'AutoRemove',
  'Links',
  'Dns',
  'DnsOptions',
  'DnsSearch',
  'ExtraHosts',
];

/** The body of POST /containers/create. */
export function createBody(request: EngineCreate, dialect: EngineDialect): Record<string, unknown> {
  const { spec, network } = request;
  const given: HostConfig = Object.fromEntries(
    Object.entries(spec.HostConfig ?? {}).filter(([key]) => !OURS.includes(key)),
  );
  // A container in another's network, or with the node's names, has that one's, and engines refuse a second.
  const hasOwnName = !('container' in network) && given['UTSMode'] !== 'host';
  const { Hostname, Domainname, Volumes, ...rest } = spec;
  const host = dialect.hostConfig(network, given);
  const targets = mountTargets(given);
  const mounts = request.mounts.filter(({ target, readOnly }) => readOnly || !targets.has(cleanPath(target)));
  return {
    ...rest,
    ...(Volumes && { Volumes: withoutMounted(Volumes, targets) }),
    ...(hasOwnName && { Hostname, Domainname }),
    Labels: { ...spec.Labels, ...dialect.labels?.(given), ...request.labels },
    // The image's, which the engine would run by itself.
    Healthcheck: { Test: ['NONE'] },
    HostConfig: {
      ...host,
      Binds: [...bindsOf(host), ...mounts.map(bindOf)],
    },
  };
}

/** Whoever says what is at a path has no anonymous volume there. Podman refuses both, and may get them from an image. */
function withoutMounted(volumes: NonNullable<EngineSpec['Volumes']>, targets: ReadonlySet<string>) {
  return Object.fromEntries(Object.entries(volumes).filter(([path]) => !targets.has(cleanPath(path))));
}

function bindsOf(host: HostConfig): string[] {
  const binds = host['Binds'] ?? [];
  if (Array.isArray(binds) && binds.every((bind) => typeof bind === 'string')) return binds;
  throw invalid('HostConfig.Binds: a list of texts `source:target[:options]` is accepted');
}

function bindOf(mount: EngineCreate['mounts'][number]): string {
  for (const path of [mount.source, mount.target]) {
    if (path.includes(':')) throw unsupported(`mount ${path}: a path with a colon cannot be mounted`);
  }
  return `${mount.source}:${mount.target}:${mount.readOnly ? 'ro' : 'rw'}`;
}
