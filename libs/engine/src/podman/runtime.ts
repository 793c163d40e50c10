import { accessSync, constants, readFileSync, statfsSync } from 'node:fs';
import { join } from 'node:path';

const CGROUPS = '/sys/fs/cgroup';
/** Magic number of cgroup2fs: statfs(2). */
const CGROUP2_SUPER_MAGIC = 0x63677270;

/** An OCI runtime that is installed and runs here. crun is the faster one: less than half the processor time. */
export function chooseRuntime(path = process.env['PATH'] ?? '', cgroups = CGROUPS): string {
  const wanted = mixed(cgroups) ? ['runc'] : ['crun', 'runc'];
  return wanted.find((name) => isInstalled(name, path)) ?? 'runc';
}

/** Version 2 alone, with which Podman gives each container a cgroup namespace of its own. */
export function hasCgroup2(cgroups = CGROUPS): boolean {
  return statfsSync(cgroups).type === CGROUP2_SUPER_MAGIC;
}

/** Version 1, and some of the controllers are version 2's: crun refuses that ("cgroups in hybrid mode not supported"). */
function mixed(cgroups: string): boolean {
  if (hasCgroup2(cgroups)) return false;
  try {
    return readFileSync(join(cgroups, 'unified/cgroup.controllers'), 'utf8').trim() !== '';
  } catch {
    return false;
  }
}

function isInstalled(name: string, path: string): boolean {
  return path.split(':').some((directory) => {
    try {
      accessSync(join(directory, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
