import { cleanPath, mountTargets, type EngineSpec, type ObservedMount } from '#lib/domain';

type HostConfig = NonNullable<EngineSpec['HostConfig']>;

/**
 * `VolumesFrom` as the mounts that it stands for: an engine would bring skep's files of the other container as well, its
 * names and secrets, and Podman lets a volume that the image wants take the place of a mount that comes so. Pure.
 * @param mountsOf those of a container by its name, without skep's files; undefined: the engine does not have it
 */
export function withVolumesFrom(
  host: HostConfig,
  mountsOf: (name: string) => readonly ObservedMount[] | undefined,
): HostConfig {
  const asked = (host['VolumesFrom'] ?? []) as string[];
  if (asked.length === 0) return host;
  const own = mountTargets(host);
  const unknown: string[] = [];
  const brought = new Map<string, object>();
  for (const entry of asked) {
    const [name = '', mode = ''] = entry.split(':');
    const mounts = mountsOf(name);
    if (!mounts) unknown.push(entry);
    for (const mount of mounts ?? []) {
      const target = cleanPath(mount.destination);
      if (!own.has(target)) brought.set(target, toMount(mount, mode.split(',').includes('ro')));
    }
  }
  return { ...host, VolumesFrom: unknown, Mounts: [...((host['Mounts'] ?? []) as object[]), ...brought.values()] };
}

function toMount(
  { type, name, source, destination, readWrite, propagation }: ObservedMount,
  readOnly: boolean,
): object {
  const mount = { Target: destination, ReadOnly: readOnly || !readWrite };
  if (type === 'volume') return { Type: 'volume', Source: name, ...mount };
  const isUsual = propagation === '' || propagation === 'rprivate';
  return { Type: 'bind', Source: source, ...mount, ...(!isUsual && { BindOptions: { Propagation: propagation } }) };
}
