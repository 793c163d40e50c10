import type { HostConfig } from '../docker-api/dialect.js';

interface Mount {
  Type?: string;
  Source?: string;
  Target?: string;
  ReadOnly?: boolean;
  TmpfsOptions?: { SizeBytes?: number; Mode?: number } | null;
  VolumeOptions?: { NoCopy?: boolean } | null;
}

/** Docker's `Mounts` as Podman has to be told them so that they do what they do with Docker. */
export function podmanMounts(given: HostConfig): HostConfig {
  const mounts = (given['Mounts'] ?? []) as Mount[];
  const empty = mounts.filter(isEmpty);
  const memory = memoryOf(given, mounts.filter(isMemory));
  return {
    ...(mounts.length > 0 && { Mounts: mounts.filter((mount) => !isEmpty(mount) && !isMemory(mount)) }),
    ...(Object.keys(memory).length > 0 && { Tmpfs: memory }),
    ...(empty.length > 0 && { Binds: [...((given['Binds'] ?? []) as string[]), ...empty.map(bindOf)] }),
  };
}

const isMemory = ({ Type }: Mount): boolean => Type === 'tmpfs';

/** A volume that is not to be filled with what the image has at that place: Podman knows that of binds alone. */
const isEmpty = ({ Type, Source, VolumeOptions }: Mount): boolean =>
  Type === 'volume' && VolumeOptions?.NoCopy === true && !!Source;

const bindOf = ({ Source, Target, ReadOnly }: Mount): string => `${Source}:${Target}:nocopy${ReadOnly ? ',ro' : ''}`;

/** Both ways to memory as `--tmpfs`, by path: nothing in it can be executed unless that is asked for, as with Docker. */
function memoryOf({ Tmpfs }: HostConfig, mounts: readonly Mount[]): Record<string, string> {
  const asked = Object.entries((Tmpfs ?? {}) as Record<string, string>);
  const all = [...asked, ...mounts.map((mount): [string, string] => [mount.Target ?? '', memoryOptions(mount)])];
  return Object.fromEntries(all.map(([path, options]) => [path, withoutExec(options)]));
}

function memoryOptions({ ReadOnly, TmpfsOptions }: Mount): string {
  const { SizeBytes: bytes = 0, Mode: mode = 0 } = TmpfsOptions ?? {};
  return [ReadOnly && 'ro', bytes > 0 && `size=${bytes}`, mode > 0 && `mode=${mode.toString(8)}`]
    .filter(Boolean)
    .join();
}

function withoutExec(options: string): string {
  const given = options.split(',').filter((option) => option !== '');
  return (given.includes('exec') || given.includes('noexec') ? given : [...given, 'noexec']).join();
}
