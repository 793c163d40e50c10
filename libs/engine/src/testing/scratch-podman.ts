import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import Docker from 'dockerode';
import { waitFor } from '#lib/common';
import { PodmanService } from '../podman/podman-service.js';

const APPLETS = 'sh sleep echo cat ls true false hostname id seq printf env kill ping nproc ulimit touch head ps'.split(
  ' ',
);

/** A Podman of its own in a temporary directory, with a network namespace for its containers. Needs root. */
export class ScratchPodman {
  readonly root = mkdtempSync('/tmp/skeng-');
  readonly dataRoot = join(this.root, 'data');
  readonly execRoot = join(this.root, 'exec');
  readonly image = 'busybox:test';
  readonly netns = `skep-engine-${process.pid}`;
  readonly network = { netnsPath: `/run/netns/${this.netns}` };
  private readonly tar = join(this.root, 'rootfs.tar');

  constructor() {
    if (process.getuid?.() !== 0) throw new Error('a real engine needs root');
    this.makeRootfs();
    execFileSync('ip', ['netns', 'add', this.netns]);
  }

  rootfs(): Readable {
    return createReadStream(this.tar);
  }

  service(options: { insecureRegistries?: string[]; log?: (message: string) => void } = {}): PodmanService {
    return new PodmanService({ dataRoot: this.dataRoot, execRoot: this.execRoot, ...options });
  }

  async ready(service: PodmanService): Promise<void> {
    await service.start();
    if (!(await service.engine.image(this.image))) await service.engine.importImage(this.rootfs(), this.image);
  }

  /** Removes all containers, the service, and every trace. */
  async close(service: PodmanService): Promise<void> {
    try {
      await service.start();
      const docker = new Docker({ socketPath: service.socketPath });
      for (const { Id } of await docker.listContainers({ all: true })) await service.engine.remove(Id);
    } finally {
      await service.stop();
      await this.endProcesses();
      this.unmount();
      execFileSync('ip', ['netns', 'del', this.netns]);
      rmSync(this.root, { recursive: true, force: true });
    }
  }

  /** Monitors of execs linger and then start a Podman that would mount again. */
  private async endProcesses(): Promise<void> {
    const kill = () => {
      const ours = this.processes();
      for (const pid of ours) signal(pid, 'SIGKILL');
      return ours.length === 0;
    };
    await waitFor(kill, { ms: 5_000, what: `the end of processes of ${this.root}` });
  }

  /** Processes with this directory, and this word, in their arguments: monitors, and Podmans that they started. */
  processes(word = ''): number[] {
    return readdirSync('/proc')
      .map(Number)
      .filter((pid) => {
        try {
          const line = pid > 0 ? readFileSync(`/proc/${pid}/cmdline`, 'utf8') : '';
          return line.includes(`${this.root}/`) && line.includes(word);
        } catch {
          return false;
        }
      });
  }

  /** Mounts below the directory, deepest first. */
  mounts(): string[] {
    return readFileSync('/proc/self/mounts', 'utf8')
      .split('\n')
      .map((line) => line.split(' ')[1] ?? '')
      .filter((path) => path.startsWith(`${this.root}/`))
      .toReversed();
  }

  unmount(): void {
    for (const path of this.mounts()) execFileSync('umount', [path]);
  }

  pretendEarlierBoot(): void {
    writeFileSync(join(this.execRoot, 'boot-id'), 'an earlier boot');
  }

  private makeRootfs(): void {
    const at = join(this.root, 'rootfs');
    for (const directory of ['bin', 'etc', 'tmp', 'proc', 'sys', 'dev']) {
      mkdirSync(join(at, directory), { recursive: true });
    }
    const busybox = ['/bin/busybox', '/usr/bin/busybox'].find((path) => existsSync(path));
    if (!busybox) throw new Error('install busybox-static: the tests make their image from it');
    copyFileSync(busybox, join(at, 'bin/busybox'));
    for (const applet of APPLETS) symlinkSync('busybox', join(at, 'bin', applet));
    execFileSync('tar', ['-C', at, '-cf', this.tar, '.']);
  }
}

/** Already gone: nothing happens. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
