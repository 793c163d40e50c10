import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

const APPLETS =
  'sh sleep echo cat ls true false hostname id seq printf env kill ping nproc ulimit touch head ps ip'.split(' ');

/** A root file system of busybox as a tar in this folder; gives the tar's path. */
export function makeRootfs(folder: string): string {
  const at = join(folder, 'rootfs');
  for (const directory of ['bin', 'etc', 'tmp', 'proc', 'sys', 'dev']) {
    mkdirSync(join(at, directory), { recursive: true });
  }
  const busybox = ['/bin/busybox', '/usr/bin/busybox'].find((path) => existsSync(path));
  if (!busybox) throw new Error('install busybox-static: the tests make their image from it');
  copyFileSync(busybox, join(at, 'bin/busybox'));
  for (const applet of APPLETS) symlinkSync('busybox', join(at, 'bin', applet));
  const tar = join(folder, 'rootfs.tar');
  execFileSync('tar', ['-C', at, '-cf', tar, '.']);
  return tar;
}
