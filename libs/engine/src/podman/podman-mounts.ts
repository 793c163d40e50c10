import { unsupported } from '#lib/common';
import type { HostConfig } from '../docker-api/dialect.js';

interface Mount {
  Type?: string;
  Source?: string;
  Target?: string;
  ReadOnly?: boolean;
  BindOptions?: { Propagation?: string; NonRecursive?: boolean; ReadOnlyForceRecursive?: boolean } | null;
  TmpfsOptions?: { SizeBytes?: number; Mode?: number } | null;
  VolumeOptions?: { NoCopy?: boolean } | null;
}

/** Docker's `Mounts` as Podman has to be told them so that they do what they do with Docker. */
export function podmanMounts(given: HostConfig): HostConfig {
  const mounts = (given['Mounts'] ?? []) as Mount[];
  mounts.forEach(refuseForced);
  const binds = mounts.filter(isSaidAsBind).map(bindOf);
  const memory = memoryOf(given, mounts.filter(isMemory));
  return {
    ...(mounts.length > 0 && {
      Mounts: mounts.filter((mount) => !isSaidAsBind(mount) && !isMemory(mount)).map(withoutBindOptions),
    }),
    ...(Object.keys(memory).length > 0 && { Tmpfs: memory }),
    ...(binds.length > 0 && { Binds: [...((given['Binds'] ?? []) as string[]), ...binds] }),
  };
}

/** Who asks for that wants to be told where it cannot be. */
function refuseForced({ Source = '', Target = '', BindOptions }: Mount): void {
  if (BindOptions?.ReadOnlyForceRecursive !== true) return;
  throw unsupported(
    `mount ${Source} at ${Target}: BindOptions.ReadOnlyForceRecursive: ` +
      'Podman leaves what is mounted below a read-only bind as it is',
  );
}

const isMemory = ({ Type }: Mount): boolean => Type === 'tmpfs';

const isSaidAsBind = (mount: Mount): boolean => isEmpty(mount) || isSpecial(mount);

/** A volume that is not to be filled with what the image has at that place: Podman knows that of binds alone. */
const isEmpty = ({ Type, Source, VolumeOptions }: Mount): boolean =>
  Type === 'volume' && VolumeOptions?.NoCopy === true && !!Source;

/** A bind that is not mounted as most are. */
const isSpecial = ({ Type, BindOptions }: Mount): boolean =>
  Type === 'bind' && (BindOptions?.NonRecursive === true || !!BindOptions?.Propagation);

function bindOf(mount: Mount): string {
  const { Source = '', Target = '', ReadOnly, BindOptions } = mount;
  if (Source.includes(':') || Target.includes(':')) {
    throw unsupported(`mount ${Source} at ${Target}: a path with a colon is mounted without BindOptions only`);
  }
  const how = isEmpty(mount) ? 'nocopy' : BindOptions?.NonRecursive ? 'bind' : 'rbind';
  const options = [how, !isEmpty(mount) && BindOptions?.Propagation, ReadOnly && 'ro'];
  return `${Source}:${Target}:${options.filter(Boolean).join()}`;
}

/** Podman leaves out what is mounted below as soon as there are any, whatever they say. */
function withoutBindOptions({ BindOptions: _nothingSpecial, ...mount }: Mount): Mount {
  return mount;
}

/**
 * Both ways to memory as `--tmpfs`, by path. As with Docker nothing in it can be executed unless that is asked for, and it
 * is empty, where Podman would put in what the image has at that place.
 */
function memoryOf({ Tmpfs }: HostConfig, mounts: readonly Mount[]): Record<string, string> {
  const asked = Object.entries((Tmpfs ?? {}) as Record<string, string>);
  const all = [...asked, ...mounts.map((mount): [string, string] => [mount.Target ?? '', memoryOptions(mount)])];
  return Object.fromEntries(all.map(([path, options]) => [path, likeDocker(options)]));
}

function memoryOptions({ ReadOnly, TmpfsOptions }: Mount): string {
  const { SizeBytes: bytes = 0, Mode: mode = 0 } = TmpfsOptions ?? {};
  return [ReadOnly && 'ro', bytes > 0 && `size=${bytes}`, mode > 0 && `mode=${mode.toString(8)}`]
    .filter(Boolean)
    .join();
}

function likeDocker(options: string): string {
  const given = options.split(',').filter((option) => option !== '');
  const exec = given.includes('exec') || given.includes('noexec') ? [] : ['noexec'];
  return [...given, ...exec, 'notmpcopyup'].join();
}
