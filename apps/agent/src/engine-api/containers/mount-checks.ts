import { invalid, unsupported } from '#lib/common';
import type { MountBody } from './create-body.js';

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

function checkBind(bind: string): void {
  const parts = bind.split(':');
  const [source = '', target = source] = parts;
  const type = source.startsWith('/') && parts.length > 1 ? 'bind' : 'volume';
  if (parts.length > 3 || source === '') throw invalid(`invalid volume specification: '${bind}'`);
  if (target.startsWith('/') && target !== '/') return;
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
  const { Labels = {}, DriverConfig, NoCopy } = mount.VolumeOptions ?? {};
  if (Object.keys(Labels).length > 0 || DriverConfig?.Name || NoCopy) {
    throw unsupported(
      `mount ${target}: VolumeOptions.Labels, DriverConfig and NoCopy are not done here; make the volume before (docker volume create)`,
    );
  }
}
