import { z } from 'zod';
import { invalid, unsupported } from '#lib/common';
import type { VolumeRequest } from '#lib/domain';
import { bool, optional, text, textMap } from '#lib/http';

/** An entry of HostConfig.Mounts, and of ContainerSpec.Mounts of a service. */
export const mount = z.looseObject({
  Type: z.string(),
  Source: text,
  Target: z.string(),
  BindOptions: optional(z.looseObject({ CreateMountpoint: bool })),
  VolumeOptions: optional(
    z.looseObject({
      NoCopy: bool,
      Labels: textMap,
      Subpath: text,
      DriverConfig: optional(z.looseObject({ Name: text, Options: textMap })),
    }),
  ),
});

export type MountBody = z.infer<typeof mount>;

/** Binds and mounts, as Docker checks and words them. `exists` looks at the node's files. */
export function checkMounts(
  binds: readonly string[],
  mounts: readonly MountBody[],
  exists: (path: string) => boolean,
): void {
  for (const bind of binds) checkBind(bind);
  const targets = new Set<string>();
  for (const mount of mounts) {
    checkMount(mount, exists);
    if (targets.has(mount.Target)) throw invalid(`Duplicate mount point: ${mount.Target}`);
    targets.add(mount.Target);
  }
}

const VOLUME_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;

/** As Docker's local driver has them. */
export function checkVolumeName(name: string): void {
  if (VOLUME_NAME.test(name)) return;
  throw invalid(
    `create ${name}: ${JSON.stringify(name)} includes invalid characters for a local volume name, only ` +
      `"[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path`,
  );
}

function checkBind(bind: string): void {
  const parts = bind.split(':');
  const [source = '', target = source] = parts;
  const type = source.startsWith('/') && parts.length > 1 ? 'bind' : 'volume';
  if (parts.length > 3 || source === '') throw invalid(`invalid volume specification: '${bind}'`);
  if (target.startsWith('/') && target !== '/') {
    if (type === 'volume' && parts.length > 1) checkVolumeName(source);
    return;
  }
  const why =
    target === '/'
      ? `invalid specification: destination can't be '/'`
      : `invalid mount path: '${target}' mount path must be absolute`;
  throw invalid(`invalid volume specification: '${bind}': invalid mount config for type "${type}": ${why}`);
}

function checkMount(mount: MountBody, exists: (path: string) => boolean): void {
  const { Type: type, Source: source = '', Target: target } = mount;
  const wrong = (why: string) => invalid(`invalid mount config for type "${type}": ${why}`);
  if (type !== 'bind' && type !== 'volume' && type !== 'tmpfs') {
    throw unsupported(`mount type ${JSON.stringify(type)}: bind, volume and tmpfs are accepted`);
  }
  if (target === '') throw wrong('field Target must not be empty');
  if (!target.startsWith('/')) throw wrong(`invalid mount path: '${target}' mount path must be absolute`);
  if (type === 'tmpfs' && source !== '') throw wrong('field Source must not be specified');
  if (type === 'bind') {
    if (source === '') throw wrong('field Source must not be empty');
    if (!source.startsWith('/')) throw wrong(`invalid mount path: '${source}' mount path must be absolute`);
    if (!mount.BindOptions?.CreateMountpoint && !exists(source)) {
      throw wrong(`bind source path does not exist: ${source}`);
    }
  }
  if (type !== 'volume') return;
  if (source !== '') checkVolumeName(source);
  if (mount.VolumeOptions?.Subpath) {
    throw unsupported(`mount ${target}: VolumeOptions.Subpath: a volume is mounted whole`);
  }
}

/**
 * Names the volumes that nobody named and that are more than what an engine makes by itself: they are made before the
 * container. Pure but for the names.
 */
export function withNames(mounts: readonly MountBody[], newName: () => string): { mounts: MountBody[]; own: string[] } {
  const own: string[] = [];
  const named = mounts.map((mount) => {
    const special = volumeRequest(mount) !== undefined || mount.VolumeOptions?.NoCopy === true;
    if (mount.Type !== 'volume' || mount.Source || !special) return mount;
    const Source = newName();
    own.push(Source);
    return { ...mount, Source };
  });
  return { mounts: named, own };
}

/** The volume that a mount describes, to be made where it is not there; undefined: a name is all it says. */
export function volumeRequest({ Type, Source = '', VolumeOptions }: MountBody): VolumeRequest | undefined {
  const { Labels: labels = {}, DriverConfig } = VolumeOptions ?? {};
  const { Name: driver = '', Options: options = {} } = DriverConfig ?? {};
  const says = Object.keys(labels).length + Object.keys(options).length > 0 || driver !== '';
  if (Type !== 'volume' || !says) return undefined;
  return { name: Source, driver: driver || 'local', options, labels };
}
