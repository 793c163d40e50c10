import { existsSync, mkdirSync, readdirSync, rmdirSync, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { checked, MNT_DETACH, MS_NODEV, MS_NOSUID, sys } from './libc.js';

/** f_type of a tmpfs: include/uapi/linux/magic.h, TMPFS_MAGIC. */
const TMPFS_MAGIC = 0x01021994;

/**
 * Where an exec root lies in memory, as /run usually does, nothing is mounted: a second one could not be safer. One that is
 * to be apart is mounted there as well, but not over files that somebody may have mounted from the folder below.
 */
export function ensureMemoryFolder(path: string, megabytes: number, apart = false): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  if (apart ? isMountPoint(path) || readdirSync(path).length > 0 : statfsSync(path).type === TMPFS_MAGIC) return;
  const options = `mode=700,size=${megabytes}m`;
  checked(sys.mount('skep', path, 'tmpfs', MS_NOSUID | MS_NODEV, options), `mount a tmpfs at ${path}`);
}

export function removeMemoryFolder(path: string): void {
  if (!existsSync(path) || readdirSync(path).length > 0) return;
  // A container that runs may hold a file of it yet.
  if (isMountPoint(path)) checked(sys.umount2(path, MNT_DETACH), `unmount ${path}`);
  rmdirSync(path);
}

const isMountPoint = (path: string) => statSync(path).dev !== statSync(dirname(path)).dev;
