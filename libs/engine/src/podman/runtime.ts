import { accessSync, constants, statfsSync } from 'node:fs';
import { join } from 'node:path';

/** Magic number of cgroup2fs: statfs(2). */
const CGROUP2_SUPER_MAGIC = 0x63677270;

/** crun is the faster one and needs cgroup v2; runc works with both. */
export function chooseRuntime(path = process.env['PATH'] ?? ''): string {
  const v2 = statfsSync('/sys/fs/cgroup').type === CGROUP2_SUPER_MAGIC;
  const wanted = v2 ? ['crun', 'runc'] : ['runc'];
  return wanted.find((name) => isInstalled(name, path)) ?? 'runc';
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
